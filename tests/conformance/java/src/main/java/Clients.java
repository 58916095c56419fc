import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.videos.Video;
import java.time.Duration;

final class Clients {
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Clients() {}

    static OpenAIOkHttpClient.Builder builder() {
        return OpenAIOkHttpClient.builder()
                .baseUrl(System.getenv("BASE_URL"))
                .apiKey(System.getenv("API_KEY"))
                // Otherwise a field of the wrong type goes unnoticed until somebody reads it.
                .responseValidation(true);
    }

    /** This SDK has no helper to wait with. */
    static Video untilEnded(OpenAIClient client, String id) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Video video = client.videos().retrieve(id);
            if (video.status().equals(Video.Status.COMPLETED) || video.status().equals(Video.Status.FAILED)) {
                return video;
            }
            Thread.sleep(POLL.toMillis());
        }
        throw new IllegalStateException(id + " did not end within " + PATIENCE);
    }
}
