"""The delivery of a project, tested: `pytest`."""

from pathlib import Path
from typing import Any

import projen
import yaml
from projen.github import GitHub
from projen_delivery import Delivery, HealthCheck, NamedEnvironment, Target, Trigger


def quotes(outdir: str) -> projen.Project:
    """Defines the project. `.projenrc.py` calls `quotes(".").synth()`."""
    project = projen.Project(name="quotes", outdir=outdir)
    GitHub(project, mergify=False, pull_request_lint=False)
    Delivery(
        project,
        target=Target.commands(deploy="python scripts/ship.py"),
        environments=[
            NamedEnvironment(
                name="production",
                trigger=Trigger.tag("v*"),
                url="https://www.example.com",
                health_checks=[HealthCheck.http("https://www.example.com/health")],
            ),
        ],
    )
    return project


def test_two_jobs_enter_the_environment_production(tmp_path: Path) -> None:
    files = projen.Testing.synth(quotes(str(tmp_path)))
    jobs: dict[str, Any] = yaml.safe_load(files[".github/workflows/deploy.yml"])["jobs"]
    entering = {name: job["needs"] for name, job in jobs.items() if job.get("environment", {}).get("name") == "production"}
    assert entering == {
        "deploy_production": "environment_production",
        "rollback_production": ["deploy_production", "monitor_production"],
    }
