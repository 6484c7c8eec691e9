// Every test file needs these.

global using Xunit;
