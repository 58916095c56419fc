import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.core.JsonMissing;
import com.openai.core.JsonValue;
import com.openai.core.MultipartField;
import com.openai.core.ObjectMappers;
import com.openai.core.http.Headers;
import com.openai.core.http.HttpResponse;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FilePurpose;
import com.openai.models.videos.ImageInputReferenceParam;
import com.openai.models.videos.Video;
import com.openai.models.videos.VideoCreateCharacterParams;
import com.openai.models.videos.VideoCreateParams;
import com.openai.models.videos.VideoDownloadContentParams;
import com.openai.models.videos.VideoEditParams;
import com.openai.models.videos.VideoExtendParams;
import com.openai.models.videos.VideoListPage;
import com.openai.models.videos.VideoListParams;
import com.openai.models.videos.VideoModel;
import com.openai.models.videos.VideoRemixParams;
import com.openai.models.videos.VideoSeconds;
import com.openai.models.videos.VideoSize;
import com.openai.models.webhooks.WebhookVerificationParams;
import com.openai.services.blocking.VideoService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Every operation of the Videos API with the official SDK for Java. Prints one JSON document: what each step came to. */
public final class Operations {
    private static final String UNKNOWN = "video_123";

    private final Path inputs = Path.of(System.getenv("INPUTS"));
    private final Path reference = inputs.resolve("reference.png");
    private final Path source = inputs.resolve("source.mp4");
    private final OpenAIClient client = Clients.builder().build();
    private final VideoService videos = client.videos();
    private final Steps steps = new Steps();
    private final List<String> made = new ArrayList<>();

    public static void main(String[] args) throws Exception {
        Operations operations = new Operations();
        String boat = operations.create();
        operations.files();
        operations.download(boat);
        operations.derive(boat);
        operations.character();
        operations.list();
        operations.delete();
        operations.refusals(boat);
        operations.webhooks();
        operations.steps.print();
        // The clients' threads would keep the process alive for a minute.
        System.exit(0);
    }

    private String make(String step, Steps.Act<Video> act) throws Exception {
        String id = steps.need(step, act).id();
        made.add(id);
        return id;
    }

    private static VideoCreateParams.Builder prompt(String text) {
        return VideoCreateParams.builder().prompt(text);
    }

    private String create() throws Exception {
        String boat = make("create", () -> videos.create(prompt("A paper boat drifts down a rainy street")
                .model(VideoModel.SORA_2)
                .seconds(VideoSeconds._4)
                .size(VideoSize._720X1280)
                .build()));
        steps.see("download before completion", () -> content(boat, null));
        make("create with defaults", () -> videos.create(
                prompt("Ein Löwe 🦁 spielt Schach, \"leise\"").build()));
        make("create with a named reference file", () -> videos.create(
                prompt("The picture comes alive").inputReference(reference).build()));
        // Given a stream, this SDK sends a file without a name.
        make("create with an unlabelled reference file", () -> videos.create(
                prompt("The picture fades away").inputReference(Files.newInputStream(reference)).build()));
        String url = "data:image/png;base64," + Base64.getEncoder().encodeToString(Files.readAllBytes(reference));
        make("create with a reference data URL", () -> videos.create(prompt("The picture turns around")
                .inputReference(ImageInputReferenceParam.builder().imageUrl(url).build())
                .build()));
        return boat;
    }

    private static VideoCreateParams withFile(String prompt, String id) {
        return prompt(prompt)
                .inputReference(ImageInputReferenceParam.builder().fileId(id).build())
                .build();
    }

    private void files() throws Exception {
        String id = steps.need("upload a file", () -> client.files().create(FileCreateParams.builder()
                        .file(reference)
                        .purpose(FilePurpose.VISION)
                        .expiresAfter(FileCreateParams.ExpiresAfter.builder().seconds(7200).build())
                        .build()))
                .id();
        steps.need("retrieve a file", () -> client.files().retrieve(id));
        steps.need("list files", () -> client.files()
                .list(FileListParams.builder()
                        .limit(5)
                        .order(FileListParams.Order.DESC)
                        .purpose("vision")
                        .build())
                .response());
        steps.need("download a file", () -> {
            try (HttpResponse response = client.files().content(id)) {
                return Map.of("content", hashOf(response.body().readAllBytes()));
            }
        });
        make("create with a file id", () -> videos.create(withFile("The picture remembers", id)));
        steps.need("delete a file", () -> client.files().delete(id));
        steps.see("retrieve a file that is deleted", () -> client.files().retrieve(id));
    }

    private static String hashOf(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private Map<String, Object> content(String id, String variant) throws Exception {
        VideoDownloadContentParams.Builder params = VideoDownloadContentParams.builder().videoId(id);
        if (variant != null) {
            params.variant(VideoDownloadContentParams.Variant.of(variant));
        }
        try (HttpResponse response = videos.downloadContent(params.build())) {
            byte[] bytes = response.body().readAllBytes();
            return Map.of(
                    "bytes", bytes.length,
                    "content_type", response.headers().values("content-type").get(0),
                    "sha256", hashOf(bytes));
        }
    }

    private void download(String boat) throws Exception {
        steps.need("wait until completed", () -> Clients.untilEnded(client, boat));
        steps.need("download the video", () -> content(boat, null));
        steps.need("download the thumbnail", () -> content(boat, "thumbnail"));
        steps.need("download the spritesheet", () -> content(boat, "spritesheet"));
    }

    private static VideoEditParams.Builder edit(String prompt) {
        return VideoEditParams.builder().prompt(prompt);
    }

    private static VideoEditParams.Video.VideoReferenceInputParam toEdit(String id) {
        return VideoEditParams.Video.VideoReferenceInputParam.builder().id(id).build();
    }

    private static VideoExtendParams.Builder extension(String prompt, VideoSeconds seconds) {
        return VideoExtendParams.builder().prompt(prompt).seconds(seconds);
    }

    private static VideoExtendParams.Video.VideoReferenceInputParam toExtend(String id) {
        return VideoExtendParams.Video.VideoReferenceInputParam.builder().id(id).build();
    }

    private static VideoRemixParams remix(String id, String prompt) {
        return VideoRemixParams.builder().videoId(id).prompt(prompt).build();
    }

    private void derive(String boat) throws Exception {
        JsonValue model = JsonValue.from("sora-2");
        make("remix", () -> videos.remix(remix(boat, "The boat is now red")));
        make("edit by id", () -> videos.edit(edit("Make it snow").video(toEdit(boat)).build()));
        make("edit by upload", () -> videos.edit(edit("Make it night")
                .video(source)
                .putAdditionalBodyProperty("model", model)
                .build()));
        make("extend by id", () -> videos.extend(
                extension("The boat sinks", VideoSeconds._4).video(toExtend(boat)).build()));
        make("extend by upload", () -> videos.extend(extension("The boat lands", VideoSeconds._8)
                .video(source)
                .putAdditionalBodyProperty("model", model)
                .build()));
    }

    private static VideoCreateParams withCharacter(String prompt, String id) {
        JsonValue characters = JsonValue.from(List.of(Map.of("id", id)));
        return prompt(prompt).putAdditionalBodyProperty("characters", characters).build();
    }

    private void character() throws Exception {
        VideoCreateCharacterParams params =
                VideoCreateCharacterParams.builder().name("Captain Ada").video(source).build();
        String id = steps.need("create a character", () -> videos.createCharacter(params)).id().orElseThrow();
        steps.need("get a character", () -> videos.getCharacter(id));
        make("create with a character", () -> videos.create(withCharacter("Captain Ada waves", id)));
        steps.need("wait for all the others", () -> {
            List<Video> ended = new ArrayList<>();
            for (String each : made) {
                ended.add(Clients.untilEnded(client, each));
            }
            return ended;
        });
    }

    private void list() throws Exception {
        String first = made.get(0);
        String last = made.get(made.size() - 1);
        steps.need("list the newest", () -> page(
                VideoListParams.builder().limit(3).order(VideoListParams.Order.DESC)));
        steps.need("list page by page", () -> {
            List<List<String>> pages = new ArrayList<>();
            VideoListPage page = videos.list(VideoListParams.builder()
                    .limit(2)
                    .order(VideoListParams.Order.ASC)
                    .after(first)
                    .build());
            for (; !page.data().isEmpty(); page = page.nextPage()) {
                pages.add(page.data().stream().map(Video::id).toList());
            }
            return pages;
        });
        steps.need("list after the last", () -> page(
                VideoListParams.builder().order(VideoListParams.Order.ASC).after(last)));
    }

    private Object page(VideoListParams.Builder query) {
        return videos.list(query.build()).response();
    }

    private void delete() throws Exception {
        String last = made.get(made.size() - 1);
        steps.need("delete", () -> videos.delete(last));
        steps.see("retrieve what is deleted", () -> videos.retrieve(last));
        steps.see("download what is deleted", () -> content(last, null));
        steps.see("delete what is deleted", () -> videos.delete(last));
        steps.need("list without what is deleted", () -> page(VideoListParams.builder().limit(1)));
    }

    private void refusals(String boat) {
        // This SDK lets nobody leave out a prompt: the error is its own.
        MultipartField<String> left = MultipartField.of(JsonMissing.of());
        steps.see("create without a prompt", () -> videos.create(
                VideoCreateParams.builder().prompt(left).seconds(VideoSeconds._4).build()));
        steps.see("create with an empty prompt", () -> videos.create(prompt("").build()));
        steps.see("create with odd seconds", () -> videos.create(
                prompt("x").seconds(VideoSeconds.of("5")).build()));
        steps.see("create with an odd size", () -> videos.create(
                prompt("x").size(VideoSize.of("100x100")).build()));
        steps.see("create with an unknown model", () -> videos.create(prompt("x").model("sora-99").build()));
        steps.see("create with an unknown character", () -> videos.create(withCharacter("x", "char_123")));
        steps.see("list with a limit of 101", () -> page(VideoListParams.builder().limit(101)));
        steps.see("list in no order", () -> page(
                VideoListParams.builder().order(VideoListParams.Order.of("sideways"))));
        steps.see("list after what is unknown", () -> page(VideoListParams.builder().after(UNKNOWN)));
        steps.see("retrieve what is unknown", () -> videos.retrieve(UNKNOWN));
        steps.see("download what is unknown", () -> content(UNKNOWN, null));
        steps.see("download an unknown variant", () -> content(boat, "poster"));
        steps.see("delete what is unknown", () -> videos.delete(UNKNOWN));
        steps.see("remix what is unknown", () -> videos.remix(remix(UNKNOWN, "x")));
        steps.see("edit what is unknown", () -> videos.edit(edit("x").video(toEdit(UNKNOWN)).build()));
        steps.see("extend what is unknown", () -> videos.extend(
                extension("x", VideoSeconds._4).video(toExtend(UNKNOWN)).build()));
        steps.see("get an unknown character", () -> videos.getCharacter("char_123"));
        steps.see("retrieve an unknown file", () -> client.files().retrieve("file-123"));
        steps.see("create with an unknown file", () -> videos.create(withFile("x", "file-123")));
        steps.see("retrieve with a wrong key", () -> {
            OpenAIClient stranger = Clients.builder().apiKey("not-the-key").build();
            return stranger.videos().retrieve(boat);
        });
    }

    private void webhooks() throws Exception {
        JsonNode cases = ObjectMappers.jsonMapper().readTree(Files.readAllBytes(inputs.resolve("webhooks.json")));
        String secret = cases.get("secret").asText();
        steps.need("unwrap a webhook", () -> unwrap(secret, cases.get("valid")));
        steps.see("unwrap a tampered webhook", () -> unwrap(secret, cases.get("tampered")));
        steps.see("unwrap an old webhook", () -> unwrap(secret, cases.get("old")));
    }

    private Object unwrap(String secret, JsonNode webhook) {
        Headers.Builder headers = Headers.builder();
        webhook.get("headers").fields().forEachRemaining(
                header -> headers.put(header.getKey(), header.getValue().asText()));
        return client.webhooks().unwrap(WebhookVerificationParams.builder()
                .payload(webhook.get("body").asText())
                .headers(headers.build())
                .secret(secret)
                .build());
    }
}
