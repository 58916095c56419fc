import com.openai.client.OpenAIClient;
import com.openai.models.videos.VideoCreateParams;
import com.openai.models.videos.VideoSeconds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The same create COUNT times at once, with the SDK's own retries; then each video is waited for. Prints a JSON array. */
public final class Creates {
    private Creates() {}

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(System.getenv("COUNT"));
        Duration timeout = Duration.ofMillis(Long.parseLong(System.getenv("TIMEOUT_MS")));
        OpenAIClient client = Clients.builder().timeout(timeout).build();
        ExecutorService threads = Executors.newFixedThreadPool(count);
        List<Future<Map<String, Object>>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            running.add(threads.submit(() -> createAndHold(client)));
        }
        List<Map<String, Object>> outcomes = new ArrayList<>();
        for (Future<Map<String, Object>> each : running) {
            outcomes.add(each.get());
        }
        Steps.print(outcomes);
        // The client's threads would keep the process alive for a minute.
        System.exit(0);
    }

    private static Map<String, Object> createAndHold(OpenAIClient client) {
        try {
            VideoCreateParams params = VideoCreateParams.builder()
                    .prompt(System.getenv("PROMPT"))
                    .seconds(VideoSeconds._4)
                    .build();
            String id = client.videos().create(params).id();
            return Map.of("id", id, "status", Clients.untilEnded(client, id).status().asString());
        } catch (Exception error) {
            return Map.of("error", Steps.shownError(error));
        }
    }
}
