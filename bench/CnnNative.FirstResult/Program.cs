// Loads one model in one library.

using CnnNative.Benchmarks.Comparing;

return ChildProcess.Run(args);
