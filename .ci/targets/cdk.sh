# shellcheck shell=bash
# Sourced after aws.sh: the CDK CLI and its library from npm. `cdk_up` puts the CLI on the PATH, after aws_up.
aws_cdk=2.1148.1
aws_cdk_lib=2.276.0
constructs=10.8.1
cdk_home=$ENGINES/cdk-$aws_cdk-lib-$aws_cdk_lib

cdk_install() {
  install_once "$cdk_home" cdk_download
}

cdk_download() {
  (cd "$cdk_home" && npm init --yes > /dev/null \
    && "$OLDPWD/.ci/retry" npm install --silent --no-audit --no-fund "aws-cdk@$aws_cdk" "aws-cdk-lib@$aws_cdk_lib" "constructs@$constructs")
}

cdk_up() {
  cdk_install
  # without CDK_HOME the CLI writes to the home folder
  export CDK_HOME=$RUN/cdk-home CDK_DISABLE_CLI_TELEMETRY=true JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1
  export AWS_ENDPOINT_URL_S3=$AWS_ENDPOINT_URL AWS_S3_FORCE_PATH_STYLE=1
  export NODE_PATH=$cdk_home/node_modules NODE_NO_WARNINGS=1
  export PATH=$cdk_home/node_modules/.bin:$PATH
  cdk bootstrap --no-notices "aws://$AWS_ACCESS_KEY_ID/$AWS_REGION" > "$RUN/bootstrap.log" 2>&1 || { tail -20 "$RUN/bootstrap.log" >&2; return 1; }
}
