import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Read two regions of a picture: java ReadRegions.java PICTURE */
public class ReadRegions {
    private static final String URL = System.getenv().getOrDefault("WHALELINE_URL", "http://127.0.0.1:8080");
    private static final String PATH = "/v5.0/ocr/RecognizeRegions";
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public static void main(String[] arguments) throws Exception {
        // 1. Get an access token. It is valid for an hour.
        String form = "grant_type=client_credentials&client_id=" + System.getenv("WHALELINE_ID")
            + "&client_secret=" + System.getenv("WHALELINE_SECRET");
        String token = value("access_token", send(HttpRequest.newBuilder(URI.create(URL + "/connect/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))));

        // 2. Post the picture and its regions.
        String image = Base64.getEncoder().encodeToString(Files.readAllBytes(Path.of(arguments[0])));
        String body = "{\"image\": \"" + image + "\", \"settings\": {\"language\": \"English\", \"resultType\": \"Text\","
            + " \"regions\": [" + region(1, 0, 0, 700, 60) + ", " + region(2, 0, 120, 700, 180) + "]}}";
        String task = send(HttpRequest.newBuilder(URI.create(URL + PATH))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));

        // 3. Fetch the result. This waits up to 20 seconds; a task that takes longer is Pending or Processing then.
        String answer;
        String status;
        do {
            answer = send(HttpRequest.newBuilder(URI.create(URL + PATH + "?id=" + task))
                .header("Authorization", "Bearer " + token));
            status = value("taskStatus", answer);
        } while (status.equals("Pending") || status.equals("Processing"));
        if (!status.equals("Completed")) {
            throw new IllegalStateException(answer);
        }
        Matcher data = Pattern.compile("\"data\":\"([^\"]*)\"").matcher(answer);
        while (data.find()) {
            System.out.println(new String(Base64.getDecoder().decode(data.group(1)), StandardCharsets.UTF_8));
        }
    }

    private static String region(int order, int left, int top, int right, int bottom) {
        return String.format("{\"order\": %d, \"rect\": {\"topLeftX\": %d, \"topLeftY\": %d, \"bottomRightX\": %d,"
            + " \"bottomRightY\": %d}}", order, left, top, right, bottom);
    }

    private static String send(HttpRequest.Builder request) throws Exception {
        var answer = HTTP.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    /** A string of a JSON object; a program of yours would use a JSON library. */
    private static String value(String key, String json) {
        Matcher found = Pattern.compile("\"" + key + "\":\"([^\"]*)\"").matcher(json);
        if (!found.find()) {
            throw new IllegalStateException("no " + key + " in " + json);
        }
        return found.group(1);
    }
}
