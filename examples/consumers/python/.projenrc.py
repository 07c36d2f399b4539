from projen.github import GitHubOptions
from projen.github.workflows import Job, JobMatrix, JobPermission, JobPermissions, JobStep, JobStrategy
from projen.python import PythonProject
from projen_delivery import (
    ArtifactOptions,
    Delivery,
    DrillOptions,
    Duration,
    Freeze,
    HealthCheck,
    JobKind,
    JsonCondition,
    NamedEnvironment,
    ReleaseIdentity,
    Schedule,
    Strategy,
    Target,
    Trigger,
)

project = PythonProject(
    name="quotes",
    module_name="quotes",
    author_name="an engineer",
    author_email="engineer@example.com",
    version="0.0.0",
    sample=False,
    dev_deps=["projen-delivery"],
    github_options=GitHubOptions(mergify=False, pull_request_lint=False),
)
project.add_task("bundle", exec="python -m build --wheel")
ship = project.add_task("ship", exec="python scripts/ship.py")

checkout = JobStep(
    id="checkout",
    name="check out the commit",
    uses="actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
    with_={"persist-credentials": False},
)


def setup_python(version: str) -> JobStep:
    return JobStep(
        id="python",
        name="set up Python",
        uses="actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97",
        with_={"python-version": version},
    )


delivery = Delivery(
    project,
    target=Target.tasks(deploy=ship, promote="switch-traffic"),
    needs=["test"],
    artifact=ArtifactOptions(paths=["dist"], build_task="bundle"),
    drill=DrillOptions(environments=["staging"], schedule=Schedule.weekly("Tue 03:17")),
    environments=[
        NamedEnvironment(
            name="staging",
            trigger=Trigger.branch("main"),
            url="https://staging.example.com",
            strategy=Strategy.blue_green(candidate_url="https://{slot}.staging.example.com"),
            health_checks=[
                HealthCheck.http(
                    "https://staging.example.com/health",
                    release=ReleaseIdentity.json("version"),
                    json=[JsonCondition(path="database", value="up")],
                ),
            ],
        ),
    ],
)

delivery.add_environment(
    "production",
    trigger=Trigger.tag("v*", requires="staging"),
    url="https://www.example.com",
    variables={"REGION": "eu", "API_URL": "https://api.example.com"},
    secrets=["DEPLOY_TOKEN"],
    strategy=Strategy.redeploy(bake=Duration.minutes(2)),
    freezes=[Freeze.weekly("Fri 16:00", "Mon 07:00", reason="no one is there")],
    health_checks=[
        HealthCheck.http(
            "https://api.example.com/health",
            interval=Duration.seconds(2),
            max_latency=Duration.millis(800),
            release=ReleaseIdentity.header("x-release"),
        ),
    ],
)

project.add_task("switch-traffic", exec="python scripts/switch_traffic.py")

# Jobs of your own are projen's: the matrix that must pass, and a note after production.
delivery.workflow.add_job(
    "test",
    Job(
        name="test on Python ${{ matrix.python }}",
        runs_on=["ubuntu-latest"],
        timeout_minutes=10,
        permissions=JobPermissions(contents=JobPermission.READ),
        strategy=JobStrategy(matrix=JobMatrix(domain={"python": ["3.12", "3.13"]})),
        steps=[
            checkout,
            setup_python("${{ matrix.python }}"),
            JobStep(id="install", name="install the dependencies", run="python -m pip install -r requirements-dev.txt"),
            JobStep(id="pytest", name="run the tests", run="python -m pytest"),
        ],
    ),
)
delivery.workflow.add_job(
    "note",
    Job(
        name="note what is live",
        needs=[delivery.job_id("production", JobKind.MONITOR)],
        runs_on=["ubuntu-latest"],
        timeout_minutes=5,
        permissions=JobPermissions(),
        steps=[JobStep(id="note", name="note it", run="echo live >> \"$GITHUB_STEP_SUMMARY\"")],
    ),
)

project.synth()
