import com.openai.client.OpenAIClient;
import com.openai.core.http.HttpResponseFor;
import com.openai.models.videos.Video;
import com.openai.models.videos.VideoCreateParams;
import com.openai.models.videos.VideoSeconds;
import java.util.List;

/** One create that is waited for at the pace that each answer asks for: this SDK has no helper. Prints the video as JSON. */
public final class Polls {
    private Polls() {}

    public static void main(String[] args) throws Exception {
        OpenAIClient client = Clients.builder().build();
        VideoCreateParams params = VideoCreateParams.builder()
                .prompt(System.getenv("PROMPT"))
                .seconds(VideoSeconds._4)
                .build();
        Steps.print(ended(client, client.videos().create(params).id()));
        // The client's threads would keep the process alive for a minute.
        System.exit(0);
    }

    private static Video ended(OpenAIClient client, String id) throws InterruptedException {
        while (true) {
            long askedMs;
            try (HttpResponseFor<Video> response = client.videos().withRawResponse().retrieve(id)) {
                Video video = response.parse();
                if (video.status().equals(Video.Status.COMPLETED) || video.status().equals(Video.Status.FAILED)) {
                    return video;
                }
                List<String> asked = response.headers().values("openai-poll-after-ms");
                askedMs = asked.isEmpty() ? 1_000 : Long.parseLong(asked.get(0));
            }
            Thread.sleep(askedMs);
        }
    }
}
