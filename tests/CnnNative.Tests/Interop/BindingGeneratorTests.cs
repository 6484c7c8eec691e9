// The generator on small headers: what each kind of declaration becomes, and what it refuses. Needs clang, like the generator.

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CnnNative.BindingGenerator;
using CnnNative.Interop;

namespace CnnNative.Tests.Interop;

public sealed class BindingGeneratorTests
{
    private const string Version = "#include <stdint.h>\n#define CNN_ABI_VERSION 7\n";

    public static TheoryData<string, string> Declarations => new()
    {
        { "/** A & B < C. */\ntypedef enum cnn_mode { /** First. */ CNN_MODE_TWO_WORDS = 3 } cnn_mode;", "    TwoWords = 3," },
        { "/** A & B < C. */\ntypedef enum cnn_mode { /** First. */ CNN_MODE_ONE = 3 } cnn_mode;", "/// <summary>A &amp; B &lt; C.</summary>" },
        { "/** A && B -> \"C\",\n *  D.\n *\n *  E. */\nvoid cnn_fill(float value);", "/// <summary>A &amp;&amp; B -&gt; \"C\", D. E.</summary>" },
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
        { "/** Bits. */\ntypedef struct cnn_bits { /** One. */ int32_t one : 1; } cnn_bits;", "cnn_bits has a bit-field" },
        { "/** Either. */\ntypedef union cnn_either { /** A. */ int32_t a; /** B. */ float b; } cnn_either;", "cnn_either is a union" },
        { "/** Bare. */\ntypedef struct { /** A. */ int32_t a; } cnn_bare;", "a declaration has no tag" },
        { "/** Grid. */\ntypedef struct cnn_grid { /** A. */ int32_t a[2][3]; } cnn_grid;", "cnn_grid.a has the type 'int32_t[2][3]'" },
        { "/** Any. */\nvoid cnn_any(int32_t count, ...);", "cnn_any takes a variable number of arguments" },
        { "/** Own. */\nstatic int32_t cnn_own(void) { return 1; }", "cnn_own is static" },
        { "/** Blank. */\nvoid cnn_blank(int32_t);", "cnn_blank has a parameter without a name" },
        { "/** Uses \\p value. */\nvoid cnn_fill(float value);", "the comment of cnn_fill has a Doxygen command" },
        { "/** Is <b>bold</b>. */\nvoid cnn_fill(float value);", "the comment of cnn_fill has a Doxygen command or an HTML tag ('b')" },
        { "int cnn_broken(", "does not accept" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_has_no_rule_is_refused_by_name(string declaration, string expected)
    {
        GeneratorException error = Assert.Throws<GeneratorException>(() => Generate(Version + declaration));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bindings_carry_the_hash_of_the_header_of_this_repository_and_of_its_parts()
    {
        string folder = Path.Combine(Repository.Root, "native", "include");
        string header = File.ReadAllText(Path.Combine(folder, "cnn.h"));
        string[] parts = [.. header.Split('\n').Where(line => line.StartsWith("#include", StringComparison.Ordinal)).Select(line => line.Split('"')[1])];
        string text = string.Concat(parts.Select(part => File.ReadAllText(Path.Combine(folder, part))).Prepend(header));
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(text.Replace("\r", "", StringComparison.Ordinal)));

        Assert.Equal(Directory.GetFiles(Path.Combine(folder, "cnn")).Length, parts.Length);
        Assert.Equal(NativeMethods.ExpectedAbiHash, BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    [Fact]
    public void A_header_declares_what_its_parts_do_and_not_what_other_headers_do()
    {
        string bindings = GenerateFiles(
            ("cnn.h", "#include \"cnn/base.h\"\n#include \"other.h\"\n#include \"cnn/more.h\"\n/** A. */\nint32_t cnn_last(void);\n"),
            ("cnn/base.h", "#ifndef B\n#define B\n#include <stdint.h>\n#define CNN_ABI_VERSION 7\n/** B. */\nint32_t cnn_base(void);\n#endif\n"),
            ("cnn/more.h", "#include \"base.h\"\n#include <stddef.h>\n/** C. */\nint32_t cnn_more(void);\n"),
            ("other.h", "/** D. */\nint32_t cnn_other(void);\n"));

        string[] functions = ["int Base();", "int More();", "int Last();"];
        int[] places = [.. functions.Select(function => bindings.IndexOf(function, StringComparison.Ordinal))];
        Assert.All(places, place => Assert.NotEqual(-1, place));
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain("Other", bindings, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> OtherTexts => new()
    {
        { "cnn/base.h", "int32_t cnn_base(void);", "int32_t cnn_base(void) ;" },
        { "cnn/more.h", "int32_t cnn_more(void);", "int32_t cnn_more(void) ;" },
        { "cnn.h", "#include \"cnn/more.h\"", "#include \"cnn/more.h\" " },
    };

    [Theory]
    [MemberData(nameof(OtherTexts))]
    public void The_hash_follows_the_text_of_each_part(string file, string old, string text)
    {
        (string Name, string Text)[] files =
        [
            ("cnn.h", "#include \"cnn/base.h\"\n#include \"cnn/more.h\"\n"),
            ("cnn/base.h", Version + "/** B. */\nint32_t cnn_base(void);\n"),
            ("cnn/more.h", "/** C. */\nint32_t cnn_more(void);\n"),
        ];
        string before = GenerateFiles(files);
        string after = GenerateFiles([.. files.Select(f => f.Name == file ? (f.Name, f.Text.Replace(old, text, StringComparison.Ordinal)) : f)]);

        string[] changed = [.. before.Split('\n').Except(after.Split('\n'))];
        Assert.Contains("ExpectedAbiHash", Assert.Single(changed), StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_that_is_not_there_is_refused_by_name()
    {
        GeneratorException error = Assert.Throws<GeneratorException>(() => GenerateFiles(("cnn.h", Version + "#include \"cnn/none.h\"\n")));

        Assert.Contains("includes 'cnn/none.h', which does not exist", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkout_with_other_line_ends_gives_the_same_bindings()
    {
        const string header = Version + "/** Counts. */\nint32_t cnn_count(void);\n";

        Assert.Equal(Generate(header), Generate(header.Replace("\n", "\r\n", StringComparison.Ordinal)));
    }

    private static string Generate(string header) => GenerateFiles(("cnn.h", header));

    /// <summary>The bindings of the first of the files.</summary>
    private static string GenerateFiles(params (string Name, string Text)[] files)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach ((string name, string text) in files)
            {
                string path = Path.Combine(folder.FullName, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, text);
            }

            return new BindingWriter(HeaderReader.Read(Path.Combine(folder.FullName, files[0].Name), "clang")).Write();
        }
        catch (GeneratorException error) when (error.Message.Contains("cannot be started", StringComparison.Ordinal))
        {
            Assert.Skip("clang is not installed; only those who change the header need it.");
            throw;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
