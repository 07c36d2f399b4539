import io.github.cdklabs.projen.Task;
import io.github.cdklabs.projen.TaskOptions;
import io.github.cdklabs.projen.github.GitHubOptions;
import io.github.cdklabs.projen.github.workflows.Job;
import io.github.cdklabs.projen.github.workflows.JobMatrix;
import io.github.cdklabs.projen.github.workflows.JobPermission;
import io.github.cdklabs.projen.github.workflows.JobPermissions;
import io.github.cdklabs.projen.github.workflows.JobStep;
import io.github.cdklabs.projen.github.workflows.JobStrategy;
import io.github.cdklabs.projen.java.JavaProject;
import io.github.projendelivery.ArtifactOptions;
import io.github.projendelivery.BlueGreenOptions;
import io.github.projendelivery.Delivery;
import io.github.projendelivery.DrillOptions;
import io.github.projendelivery.Duration;
import io.github.projendelivery.EnvironmentOptions;
import io.github.projendelivery.Freeze;
import io.github.projendelivery.FreezeOptions;
import io.github.projendelivery.HealthCheck;
import io.github.projendelivery.HttpHealthCheckOptions;
import io.github.projendelivery.JobKind;
import io.github.projendelivery.JsonCondition;
import io.github.projendelivery.NamedEnvironment;
import io.github.projendelivery.ReleaseIdentity;
import io.github.projendelivery.Schedule;
import io.github.projendelivery.Strategy;
import io.github.projendelivery.StrategyOptions;
import io.github.projendelivery.TagTriggerOptions;
import io.github.projendelivery.Target;
import io.github.projendelivery.TaskTargetOptions;
import io.github.projendelivery.Trigger;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

public class projenrc {
    public static void main(String[] args) {
        JavaProject project = JavaProject.Builder.create()
            .name("quotes")
            .groupId("com.example")
            .artifactId("quotes")
            .version("0.0.0")
            .sample(false)
            .testDeps(List.of("io.github.projen-delivery/projen-delivery@0.0.0"))
            .githubOptions(GitHubOptions.builder().mergify(false).pullRequestLint(false).build())
            .build();
        project.addTask("jar", TaskOptions.builder().exec("mvn --batch-mode package").build());
        Task ship = project.addTask("ship", TaskOptions.builder().exec("scripts/ship.sh").build());

        JobStep checkout = JobStep.builder()
            .id("checkout")
            .name("check out the commit")
            .uses("actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1")
            .with(Map.of("persist-credentials", false))
            .build();

        Delivery delivery = Delivery.Builder.create(project)
            .target(Target.tasks(TaskTargetOptions.builder().deploy(ship).promote("switch-traffic").build()))
            .needs(List.of("test"))
            .toolchainSteps(List.of(setupJava("21")))
            .artifact(ArtifactOptions.builder().paths(List.of("target")).buildTask("jar").build())
            .drill(DrillOptions.builder().environments(List.of("staging")).schedule(Schedule.weekly("Tue 03:17")).build())
            .environments(List.of(NamedEnvironment.builder()
                .name("staging")
                .trigger(Trigger.branch("main"))
                .url("https://staging.example.com")
                .strategy(Strategy.blueGreen(BlueGreenOptions.builder().candidateUrl("https://{slot}.staging.example.com").build()))
                .healthChecks(List.of(HealthCheck.http("https://staging.example.com/health", HttpHealthCheckOptions.builder()
                    .release(ReleaseIdentity.json("version"))
                    .json(List.of(JsonCondition.builder().path("database").value("up").build()))
                    .build())))
                .build()))
            .build();

        delivery.addEnvironment("production", EnvironmentOptions.builder()
            .trigger(Trigger.tag("v*", TagTriggerOptions.builder().requires("staging").build()))
            .url("https://www.example.com")
            .variables(Map.of("REGION", "eu", "API_URL", "https://api.example.com"))
            .secrets(List.of("DEPLOY_TOKEN"))
            .strategy(Strategy.redeploy(StrategyOptions.builder().bake(Duration.minutes(2)).build()))
            .freezes(List.of(Freeze.weekly("Fri 16:00", "Mon 07:00", FreezeOptions.builder().reason("no one is there").build())))
            .healthChecks(List.of(HealthCheck.http("https://api.example.com/health", HttpHealthCheckOptions.builder()
                .interval(Duration.seconds(2))
                .maxLatency(Duration.millis(800))
                .release(ReleaseIdentity.header("x-release"))
                .build())))
            .build());

        project.addTask("switch-traffic", TaskOptions.builder().exec("scripts/switch-traffic.sh").build());

        // Jobs of your own are projen's: the matrix that must pass, and a note after production.
        delivery.getWorkflow().addJob("test", Job.builder()
            .name("test on Java ${{ matrix.java }}")
            .runsOn(List.of("ubuntu-latest"))
            .timeoutMinutes(10)
            .permissions(JobPermissions.builder().contents(JobPermission.READ).build())
            .strategy(JobStrategy.builder().matrix(JobMatrix.builder().domain(Map.of("java", List.of("17", "21"))).build()).build())
            .steps(List.of(
                checkout,
                setupJava("${{ matrix.java }}"),
                JobStep.builder().id("test").name("run the tests").run("mvn --batch-mode verify").build()))
            .build());
        delivery.getWorkflow().addJob("note", Job.builder()
            .name("note what is live")
            .needs(List.of(delivery.jobId("production", JobKind.MONITOR)))
            .runsOn(List.of("ubuntu-latest"))
            .timeoutMinutes(5)
            .permissions(JobPermissions.builder().build())
            .steps(List.of(JobStep.builder().id("note").name("note it").run("echo live >> \"$GITHUB_STEP_SUMMARY\"").build()))
            .build());

        project.synth();
    }

    private static JobStep setupJava(String version) {
        return JobStep.builder()
            .id("java")
            .name("set up Java")
            .uses("actions/setup-java@dded0888837ed1f317902acf8a20df0ad188d165")
            // in an order: that of Map.of is another one each time, and projen writes it as it comes
            .with(new TreeMap<>(Map.of("distribution", "temurin", "java-version", version)))
            .build();
    }
}
