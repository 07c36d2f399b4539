from projen.awscdk import AwsCdkPythonApp
from projen_delivery import Delivery, HealthCheck, Login, NamedEnvironment, ReleaseIdentity, StackOutput, Target, Trigger

# What `npx projen new awscdk-app-py` writes
project = AwsCdkPythonApp(
    name="shop",
    module_name="shop",
    author_name="an engineer",
    author_email="engineer@example.com",
    version="0.1.0",
    cdk_version="2.275.0",
    # the jobs install this CLI
    cdk_cli_version="2.1148.1",
    dev_deps=["projen-delivery"],
    sample=False,
    pytest=False,
)

stack = "shop-production"
# known only after the deployment that creates the API
url = StackOutput.of(stack, "Url").to_string()

Delivery(
    project,
    target=Target.aws_cdk(stacks=[stack], account="222222222222"),
    environments=[
        NamedEnvironment(
            name="production",
            trigger=Trigger.branch("main"),
            login=Login.aws(role="arn:aws:iam::222222222222:role/shop-deploy", region="eu-central-1"),
            url=url,
            health_checks=[HealthCheck.http(f"{url}/health", release=ReleaseIdentity.json("version"))],
        ),
    ],
)

project.synth()
