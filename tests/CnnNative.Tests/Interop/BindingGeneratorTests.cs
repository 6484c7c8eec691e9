// The generator on small headers: what each kind of declaration becomes, and what it refuses. Needs clang, like the generator.

using CnnNative.BindingGenerator;

namespace CnnNative.Tests.Interop;

public sealed class BindingGeneratorTests
{
    private const string Version = "#include <stdint.h>\n#define CNN_ABI_VERSION 7\n";

    public static TheoryData<string, string> Declarations => new()
    {
        { "/** A & B < C. */\ntypedef enum cnn_mode { /** First. */ CNN_MODE_TWO_WORDS = 3 } cnn_mode;", "    TwoWords = 3," },
        { "/** A & B < C. */\ntypedef enum cnn_mode { /** First. */ CNN_MODE_ONE = 3 } cnn_mode;", "/// <summary>A &amp; B &lt; C.</summary>" },
        { "/** Sizes. */\ntypedef struct cnn_sizes { /** Rows. */ int64_t row_count; } cnn_sizes;", "    public long RowCount;" },
        { "/** Text. */\ntypedef struct cnn_text { /** Bytes. */ char text[12]; } cnn_text;", "    [InlineArray(12)]" },
        { "/** Counts. */\nint32_t cnn_count(void);", "    [SuppressGCTransition]\n    public static partial int Count();" },
        { "/** Fills. */\nvoid cnn_fill(float value, int32_t *row_count);", "public static partial void Fill(float value, out int rowCount);" },
        {
            "/** A thing. */\ntypedef struct cnn_thing cnn_thing;\n/** Ends. */\nvoid cnn_thing_destroy(cnn_thing *thing);\n" +
            "/** Makes. */\nvoid cnn_thing_create(cnn_thing **thing);\n/** Uses. */\nvoid cnn_use(const cnn_thing *thing);",
            "public static partial void Use(CnnThingHandle thing);"
        },
        {
            "/** A thing. */\ntypedef struct cnn_thing cnn_thing;\n/** Ends. */\nvoid cnn_thing_destroy(cnn_thing *thing);\n" +
            "/** Makes. */\nvoid cnn_thing_create(cnn_thing **thing);",
            "public static partial void ThingCreate(out CnnThingHandle thing);"
        },
    };

    [Theory]
    [MemberData(nameof(Declarations))]
    public void A_declaration_becomes_its_binding(string declaration, string expected)
    {
        string bindings = Generate(Version + declaration);

        Assert.Contains(expected, bindings, StringComparison.Ordinal);
        Assert.Contains("ExpectedAbiVersion = 7;", bindings, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "/** Odd. */\nvoid cnn_odd(long double value);", "cnn_odd has the type 'long double'" },
        { "void cnn_silent(void);", "no documentation" },
        { "/** A thing. */\ntypedef struct cnn_thing cnn_thing;", "no function cnn_thing_destroy" },
        { "/** Loose. */\ntypedef enum cnn_mode { /** One. */ CNN_MODE_ONE } cnn_mode;", "CNN_MODE_ONE has no explicit value" },
        { "int cnn_broken(", "does not accept" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_has_no_rule_is_refused_by_name(string declaration, string expected)
    {
        GeneratorException error = Assert.Throws<GeneratorException>(() => Generate(Version + declaration));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static string Generate(string header)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".h");
        File.WriteAllText(path, header);
        try
        {
            return new BindingWriter(HeaderReader.Read(path, "clang")).Write();
        }
        catch (GeneratorException error) when (error.Message.Contains("cannot be started", StringComparison.Ordinal))
        {
            Assert.Skip("clang is not installed; only those who change the header need it.");
            throw;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
