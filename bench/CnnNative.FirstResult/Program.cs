// Loads one model in one library, runs it, and prints when the first result was there and how much memory that took. It is a
// program of its own so that it can be compiled ahead of time, which compare in CnnNative.Benchmarks does.

using CnnNative.Benchmarks.Comparing;

return ChildProcess.Run(args);
