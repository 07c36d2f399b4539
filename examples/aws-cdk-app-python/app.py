import subprocess

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_

# the commit: health checks identify the release by it
version = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()

CODE = """
import json, os
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"version": os.environ["VERSION"]})}
"""

app = App()
stack = Stack(app, "shop-production")
handler = lambda_.Function(
    stack,
    "Handler",
    runtime=lambda_.Runtime.PYTHON_3_12,
    handler="index.handler",
    environment={"VERSION": version},
    code=lambda_.Code.from_inline(CODE),
)
api = apigateway.LambdaRestApi(stack, "Api", handler=handler)
CfnOutput(stack, "Url", value=api.url)
app.synth()
