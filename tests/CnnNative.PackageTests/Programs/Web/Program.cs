// A web service that asks a network: one compiled model for all requests, one session for each.
using CnnNative;

using Model model = new Sequential(input: (28, 28, 1))
{
    new Conv2d(8, kernel: 3, Padding.Same), new Relu(), new MaxPool2d(2), new Flatten(), new Linear(10),
}.Build(seed: 1);
using CompiledModel net = model.Compile();

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
WebApplication app = builder.Build();
app.MapPost("/predict", async (HttpRequest request) =>
{
    byte[] bytes = new byte[28 * 28];
    await request.Body.ReadExactlyAsync(bytes);
    float[] logits = new float[10];
    using Session session = net.CreateSession();
    session.Run(Array.ConvertAll(bytes, value => value / 255f), logits);
    return string.Join(' ', logits);
});
app.Run();
