#!/usr/bin/env dotnet
#:project ../CnnNative.Imaging/CnnNative.Imaging.csproj
#:property PublishAot=false
#:property NuGetLockFilePath=../../artifacts/icon.lock.json

// Draws icon.png, the icon of the packages: three feature maps, one behind the other, and on the first the window of a 3 x 3
// filter. Run it from any folder: dotnet run src/CnnNative.Native/icon.cs OUTPUT.png
using SkiaSharp;

const int size = 256;
const float cell = 26, gap = 4, side = (5 * cell) + (4 * gap);
using var surface = SKSurface.Create(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Premul));
SKCanvas canvas = surface.Canvas;
canvas.Clear(SKColors.Transparent);

using (SKPaint back = new() { IsAntialias = true, Color = new SKColor(0x12, 0x1a, 0x2e) })
{
    canvas.DrawRoundRect(new SKRect(0, 0, size, size), 48, 48, back);
}

// What a filter answers on an edge that runs from one corner to the other: brightest along the diagonal.
SKColor[] ramp = [new(0x2b, 0x36, 0x5c), new(0x5b, 0x3f, 0x8c), new(0xb0, 0x4a, 0x86), new(0xf0, 0x72, 0x6a), new(0xfd, 0xc0, 0x86)];
for (int map = 2; map >= 0; map--)
{
    float left = 36 + (map * 22), top = 80 - (map * 22);
    byte alpha = (byte)(map == 0 ? 255 : map == 1 ? 130 : 60);
    using SKPaint ground = new() { IsAntialias = true, Color = new SKColor(0x12, 0x1a, 0x2e) };
    canvas.DrawRoundRect(new SKRect(left - 4, top - 4, left + side + 4, top + side + 4), 8, 8, ground);
    for (int row = 0; row < 5; row++)
    {
        for (int column = 0; column < 5; column++)
        {
            int distance = Math.Abs(row + column - 4);
            using SKPaint paint = new() { IsAntialias = true, Color = ramp[4 - Math.Min(4, distance)].WithAlpha(alpha) };
            float x = left + (column * (cell + gap)), y = top + (row * (cell + gap));
            canvas.DrawRoundRect(new SKRect(x, y, x + cell, y + cell), 5, 5, paint);
        }
    }
}

using (SKPaint window = new() { IsAntialias = true, Color = SKColors.White, Style = SKPaintStyle.Stroke, StrokeWidth = 6 })
{
    float from = cell + gap - 2, to = (4 * (cell + gap)) - gap + 2;
    canvas.DrawRoundRect(new SKRect(36 + from, 80 + from, 36 + to, 80 + to), 7, 7, window);
}

using SKImage image = surface.Snapshot();
using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
File.WriteAllBytes(args[0], png.ToArray());
