// Both sides of the boundary must see the same bytes. The C side is asked through a program that the C compiler built of the
// same header; the C# side is measured by code that takes the address of each field. (Marshal.OffsetOf would
// answer for a marshalled copy, and nothing here is marshalled.)

using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CnnNative.BindingGenerator;
using CnnNative.Interop;

namespace CnnNative.Tests.Interop;

public sealed class LayoutTests
{
    private static readonly Assembly Bindings = typeof(CnnStatus).Assembly;

    [Fact]
    public void Every_struct_and_field_lies_where_the_c_compiler_puts_it_and_every_constant_has_its_value()
    {
        string[] lines = RunLayout();
        int structs = 0, fields = 0, constants = 0;
        foreach (string[] words in lines.Select(line => line.Split(' ')))
        {
            int expected = int.Parse(words[2], CultureInfo.InvariantCulture);
            string[] names = words[1].Split('.');
            switch (words[0])
            {
                case "struct":
                    Assert.Equal((words[1], expected), (words[1], SizeOf(FindType(words[1]))));
                    structs++;
                    break;
                case "field":
                    FieldInfo field = FindType(names[0]).GetField(Naming.Field(names[1])) ?? throw new MissingFieldException(words[1]);
                    int size = int.Parse(words[3], CultureInfo.InvariantCulture);
                    Assert.Equal((words[1], expected, size), (words[1], OffsetOf(field), SizeOf(field.FieldType)));
                    fields++;
                    break;
                default:
                    Assert.Equal((words[1], expected), (words[1], ValueOf(names[0], names[1])));
                    constants++;
                    break;
            }
        }

        int boundFields = Bindings.GetTypes().Where(IsDescriptor).Sum(type => type.GetFields().Length);
        int boundConstants = Bindings.GetTypes().Where(IsEnum).Sum(type => Enum.GetNames(type).Length);
        Assert.Equal(Bindings.GetTypes().Count(IsDescriptor), structs);
        Assert.Equal(boundFields, fields);
        Assert.Equal(boundConstants, constants);
    }

    [Fact]
    public void The_loaded_library_was_built_from_the_header_of_the_bindings()
    {
        NativeRuntime.EnsureLoaded();

        Assert.Equal(NativeMethods.ExpectedAbiVersion, NativeMethods.AbiVersion());
        Assert.Equal(NativeMethods.ExpectedAbiHash, NativeMethods.AbiHash());
    }

    [Fact]
    public void Getters_are_called_without_a_gc_transition_and_nothing_else_is()
    {
        // [LibraryImport] moves the call into an inner method where handles are marshalled; the attribute must move with it.
        Dictionary<string, bool> suppressed = [];
        foreach (MethodInfo method in typeof(NativeMethods).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (method.GetCustomAttribute<DllImportAttribute>() is { } import)
            {
                bool getter = method.ReturnType != typeof(void) && method.ReturnType != typeof(CnnStatus);
                suppressed.Add(import.EntryPoint!, method.IsDefined(typeof(SuppressGCTransitionAttribute), inherit: false));
                Assert.Equal((import.EntryPoint, getter), (import.EntryPoint, suppressed[import.EntryPoint!]));
            }
        }

        Assert.True(suppressed["cnn_abi_version"] && suppressed["cnn_buffer_data"]);
        Assert.False(suppressed["cnn_conv2d_run"]);
    }

    private static string[] RunLayout()
    {
        string program = Repository.NativeTestFile(OperatingSystem.IsWindows() ? "cnn_layout.exe" : "cnn_layout");
        using Process process = Process.Start(new ProcessStartInfo(program) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static bool IsDescriptor(Type type) =>
        type is { IsValueType: true, IsEnum: false, IsNested: false, Namespace: "CnnNative.Interop" } && type.Name.StartsWith("Cnn", StringComparison.Ordinal);

    private static bool IsEnum(Type type) =>
        type is { IsEnum: true, Namespace: "CnnNative.Interop" } && type.Name.StartsWith("Cnn", StringComparison.Ordinal);

    private static Type FindType(string name) => Bindings.GetType($"CnnNative.Interop.{Naming.Type(name)}", throwOnError: true)!;

    /// <summary>The bytes of a value; a pointer is no type argument, but all pointers have one size.</summary>
    private static int SizeOf(Type type) => type.IsPointer
        ? nint.Size
        : (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static unsafe int OffsetOf(FieldInfo field)
    {
        // The address must be one that can be read: the JIT checks it for null by reading there.
        byte* memory = stackalloc byte[SizeOf(field.DeclaringType!)];
        DynamicMethod address = new("AddressOf", typeof(long), [typeof(nint)], Bindings.ManifestModule, skipVisibility: true);
        ILGenerator code = address.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Conv_I8);
        code.Emit(OpCodes.Ret);
        return (int)(address.CreateDelegate<Func<nint, long>>()((nint)memory) - (long)memory);
    }

    private static int ValueOf(string enumName, string constant) =>
        (int)Enum.Parse(FindType(enumName), Naming.Value(enumName, constant));
}
