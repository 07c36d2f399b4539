# shellcheck shell=bash
# Sourced after engine.sh: the AWS CLI and ministack, an emulator of AWS, from PyPI. `aws_up` starts it; the AWS CLI then finds it by its environment.
ministack=1.5.33
awscli=1.46.3
aws_home=$ENGINES/aws-ministack-$ministack-awscli-$awscli

aws_install() {
  install_once "$aws_home" aws_download
}

aws_download() {
  python3 -m venv "$aws_home/venv"
  .ci/retry "$aws_home/venv/bin/pip" install --quiet --disable-pip-version-check "ministack==$ministack" "awscli==$awscli"
}

aws_up() {
  aws_install
  local port
  port=$(free_port)
  mkdir -p "$RUN/ministack"
  # an access key of 12 digits is the account; nothing of the user's own configuration is read
  export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_EC2_METADATA_DISABLED=true
  export AWS_CONFIG_FILE=$RUN/aws-config AWS_SHARED_CREDENTIALS_FILE=$RUN/aws-credentials
  unset AWS_PROFILE AWS_SESSION_TOKEN
  export PATH=$aws_home/venv/bin:$PATH
  # without BIND_HOST it listens on all addresses; it unpacks functions in the temporary folder
  start ministack env GATEWAY_PORT="$port" BIND_HOST=127.0.0.1 TMPDIR="$RUN/ministack" "$aws_home/venv/bin/ministack"
  wait_for 300 curl -fsS "$AWS_ENDPOINT_URL/_ministack/health" || { tail -20 "$RUN/ministack.log" >&2; return 1; }
}

# After aws_up, for scripts that call the CLI hundreds of times: its start-up is paid once. A measurement pays it each time, as users do.
aws_share() {
  [ -z "${ROLLBACKS:-}" ] || return 0
  mkdir "$RUN/bin"
  start aws-cli-server "$aws_home/venv/bin/python" .ci/targets/aws-cli-server.py "$RUN/aws.sock" "$RUN/bin/aws"
  wait_for 300 test -x "$RUN/bin/aws" || { tail -20 "$RUN/aws-cli-server.log" >&2; return 1; }
  # the table says it
  export PATH=$RUN/bin:$PATH AWS_CLI_IS_SHARED=1
}
