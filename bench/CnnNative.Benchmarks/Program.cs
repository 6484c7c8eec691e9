namespace CnnNative.Benchmarks; internal static class Program { private static void Main() { } }
