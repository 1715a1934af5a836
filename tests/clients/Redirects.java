import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Requests addresses with the client of the JDK: java Redirects.java ADDRESS [QUERY]; prints status, address and body. */
class Redirects {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();
        var request = HttpRequest.newBuilder(URI.create(arguments[0])).header("Accept", "text/turtle, text/csv");
        if (arguments.length > 1) {
            request.header("Content-Type", "application/sparql-query");
            request.POST(HttpRequest.BodyPublishers.ofString(arguments[1]));
        }
        var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.uri());
        System.out.print(response.body());
    }
}
