// A program that knows nothing of CnnNative, and loads a part of itself into a load context of its own: with a resolver that reads the
// part's dependencies, or with one that only looks beside it.
using System.Reflection;
using System.Runtime.Loader;

string path = Path.GetFullPath(args[0]);
Context context = new(path, args[1] == "resolver");
Type type = context.LoadFromAssemblyPath(path).GetType("Part.Answer", throwOnError: true)!;
Console.WriteLine(type.GetMethod("Compute")!.Invoke(null, null));

internal sealed class Context(string path, bool withResolver) : AssemblyLoadContext("part")
{
    private readonly AssemblyDependencyResolver? _resolver = withResolver ? new AssemblyDependencyResolver(path) : null;

    protected override Assembly? Load(AssemblyName name)
    {
        string beside = Path.Combine(Path.GetDirectoryName(path)!, name.Name + ".dll");
        string? found = _resolver is null ? beside : _resolver.ResolveAssemblyToPath(name);
        return found is not null && File.Exists(found) ? LoadFromAssemblyPath(found) : null;
    }

    protected override nint LoadUnmanagedDll(string name) =>
        _resolver?.ResolveUnmanagedDllToPath(name) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
}
