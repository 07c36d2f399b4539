import jsii
from projen.github import GitHubOptions
from projen.github.workflows import JobPermission, JobPermissions, JobStep
from projen.python import PythonProject
from projen_delivery import (
    ArtifactOptions,
    Delivery,
    HealthCheck,
    NamedEnvironment,
    ReleaseIdentity,
    Strategy,
    Target,
    TargetBinding,
    TargetCapability,
    TargetCommand,
    TargetCommands,
    TargetContext,
    Trigger,
)


class MachineTarget(Target):
    """Ships a wheel to machines that ask for a sign-in first."""

    @jsii.member(jsii_name="bind")
    def bind(self, context: TargetContext) -> TargetBinding:
        return TargetBinding(
            commands=TargetCommands(
                migrate=TargetCommand.task("migrate"),
                deploy=TargetCommand.argv(["./ship.sh", context.environment]),
                promote=TargetCommand.line('./switch-traffic.sh "$DELIVERY_SLOT"'),
            ),
            capabilities=[TargetCapability.SLOTS],
            artifact=ArtifactOptions(build_task="bundle", paths=["dist"]),
            setup_steps=[
                JobStep(
                    id="sign-in",
                    name=f"sign in for {context.url}",
                    run="./sign-in.sh",
                    env={"MACHINE_TOKEN": "${{ secrets.MACHINE_TOKEN }}"},
                )
            ],
            permissions=JobPermissions(packages=JobPermission.READ, id_token=JobPermission.WRITE),
            secrets=["MACHINE_TOKEN"],
            variables={"MACHINE": f"{context.environment}.machines.example.com"},
            health_checks=[HealthCheck.tcp(f"{context.environment}.machines.example.com:443", name="router")],
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
project.add_task("migrate", exec="python scripts/migrate.py")


def health_check(url: str) -> HealthCheck:
    return HealthCheck.http(f"{url}/health", release=ReleaseIdentity.json("version"))


Delivery(
    project,
    target=MachineTarget(),
    environments=[
        NamedEnvironment(
            name=name,
            trigger=trigger,
            url=f"https://{name}.example.com",
            health_checks=[health_check(f"https://{name}.example.com")],
            strategy=Strategy.blue_green(candidate_url=f"https://{{slot}}.{name}.example.com"),
        )
        for name, trigger in [("staging", Trigger.branch("main")), ("production", Trigger.tag("v*"))]
    ],
)

project.synth()
