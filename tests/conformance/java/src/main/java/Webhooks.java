import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.core.ObjectMappers;
import com.openai.core.http.Headers;
import com.openai.errors.OpenAIException;
import com.openai.models.webhooks.WebhookVerificationParams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the SDK says of each webhook of a list: accepted or refused. Prints both as JSON. */
public final class Webhooks {
    private Webhooks() {}

    public static void main(String[] args) throws Exception {
        OpenAIClient client = Clients.builder().build();
        Path file = Path.of(System.getenv("WEBHOOKS"));
        List<String> verdicts = new ArrayList<>();
        for (JsonNode one : ObjectMappers.jsonMapper().readTree(Files.readAllBytes(file))) {
            verdicts.add(verdict(client, one));
        }
        Steps.print(verdicts);
        // The client's threads would keep the process alive for a minute.
        System.exit(0);
    }

    private static String verdict(OpenAIClient client, JsonNode one) {
        Headers.Builder headers = Headers.builder();
        one.get("headers").fields().forEachRemaining(
                header -> headers.put(header.getKey(), header.getValue().asText()));
        try {
            JsonNode event = ObjectMappers.jsonMapper().valueToTree(client.webhooks().unwrap(
                    WebhookVerificationParams.builder()
                            .payload(one.get("body").asText())
                            .headers(headers.build())
                            .secret(one.get("secret").asText())
                            .build()));
            return "accepted " + event.get("type").asText() + " " + event.get("data").get("id").asText();
        } catch (OpenAIException refused) {
            return "refused";
        }
    }
}
