import com.fasterxml.jackson.core.JsonProcessingException;
import com.openai.core.ObjectMappers;
import com.openai.errors.OpenAIServiceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs steps one after the other and notes what each came to: what the SDK returned, or what it threw. */
final class Steps {
    interface Act<T> {
        T run() throws Exception;
    }

    private final List<Map<String, Object>> done = new ArrayList<>();

    /** A step that must succeed, since later ones need its result. */
    <T> T need(String step, Act<T> act) throws Exception {
        T result = act.run();
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("step", step);
        entry.put("answer", result);
        done.add(entry);
        return result;
    }

    /** A step that is over with its answer, or with its error. */
    void see(String step, Act<?> act) {
        try {
            need(step, act);
        } catch (Exception error) {
            done.add(Map.of("step", step, "error", shownError(error)));
        }
    }

    void print() {
        print(Map.of("steps", done));
    }

    /** The SDK's own mapper writes an answer as it was sent, with its nulls and with fields the SDK does not know. */
    static void print(Object document) {
        try {
            byte[] text = ObjectMappers.jsonMapper().writeValueAsBytes(document);
            System.out.write(text, 0, text.length);
            System.out.flush();
        } catch (JsonProcessingException error) {
            throw new IllegalStateException(error);
        }
    }

    static Map<String, Object> shownError(Exception error) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("class", error.getClass().getSimpleName());
        shown.put("message", String.valueOf(error.getMessage()));
        if (error instanceof OpenAIServiceException refusal) {
            shown.put("status", refusal.statusCode());
            shown.put("type", refusal.type().orElse(null));
            shown.put("code", refusal.code().orElse(null));
            shown.put("param", refusal.param().orElse(null));
        }
        return shown;
    }
}
