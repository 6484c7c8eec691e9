// The line that moves: epoch, bar, loss, accuracy, images a second, time left. Finished epochs stay above it.

using Spectre.Console;
using Spectre.Console.Rendering;

namespace CnnNative.Cli;

internal sealed class TerminalDisplay : TrainingDisplay
{
    private readonly IAnsiConsole _console;

    private TerminalDisplay(IAnsiConsole console) => _console = console;

    /// <summary>A display on a terminal; null where it cannot move its cursor.</summary>
    public static TerminalDisplay? Create(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        return console.Profile.Capabilities is { Ansi: true } && console.Profile.Width >= EpochLine.LeastWidth
            ? new TerminalDisplay(console)
            : null;
    }

    public override void Line(string text) => _console.WriteLine(text);

    public override T Run<T>(Func<IProgress<TrainingProgress>, T> work)
    {
        EpochLine line = new();
        return _console.Live(line).AutoClear(true).Start(context => work(new Reporter(_console, line, context)));
    }

    private sealed class Reporter(IAnsiConsole console, EpochLine line, LiveDisplayContext context) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            line.Show(value);
            if (value.Finished is not null)
            {
                console.WriteLine(EpochText.Finished(value));
            }

            context.Refresh();
        }
    }

    /// <summary>The moving line.</summary>
    private sealed class EpochLine : Renderable
    {
        public const int LeastWidth = 60;
        private const int LongestBar = 40, ShortestBar = 10;
        private TrainingProgress? _progress;

        public void Show(TrainingProgress progress) => _progress = progress;

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            if (_progress is not { Finished: null } progress)
            {
                return [];
            }

            string head = $"{EpochText.Number(progress)} ";
            string tail = $"  {EpochText.Figures(progress)}  {FigureTexts.Clock(progress.Remaining)} left";
            int room = maxWidth - head.Length - 1;
            tail = tail.Length > room - ShortestBar ? tail[..Math.Max(0, room - ShortestBar)] : tail;
            int width = Math.Clamp(room - tail.Length, 1, LongestBar);
            int done = (int)Math.Round((double)width * progress.Batch / Math.Max(1, progress.Batches));
            (char full, char empty) = options.Unicode ? ('\u2501', '\u2501') : ('#', '-');
            return
            [
                new Segment(head), new Segment(new string(full, done), new Style(Spectre.Console.Color.Green)),
                new Segment(new string(empty, width - done), new Style(Spectre.Console.Color.Grey35)), new Segment(tail),
            ];
        }
    }
}
