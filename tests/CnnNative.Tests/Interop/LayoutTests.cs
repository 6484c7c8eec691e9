// Both sides of the boundary must see the same bytes. The C side is asked through a program that the C compiler built of the
// same header; the C# side is measured by writing into each field and looking where the bytes changed.

using System.Diagnostics;
using System.Globalization;
using System.Reflection;
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
                    Assert.Equal((words[1], expected), (words[1], OffsetOf(FindType(names[0]), Naming.Field(names[1]))));
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

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static int OffsetOf(Type type, string field) => (int)Marshal.OffsetOf(type, field);

    private static int ValueOf(string enumName, string constant) =>
        (int)Enum.Parse(FindType(enumName), Naming.Value(enumName, constant));
}
