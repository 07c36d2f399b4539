import { AwsAccount } from './aws/account';
import { DEFAULT_PORT, ENVIRONMENT, PREFIX, PROGRAM } from './place';

/** The actions that the workflow uses: `name@<commit> # <version>`. */
export interface Pins {
  readonly checkout: string;
  readonly uploadArtifact: string;
  readonly configureAwsCredentials: string;
}

/** conformance.yml: a person starts `measure`, which dispatches, cancels and re-runs the other jobs of this very file. */
export function conformanceWorkflow(pins: Pins, account?: AwsAccount): string {
  const { checkout, uploadArtifact } = pins;
  const checkOut = `- name: check out the program
        uses: ${checkout}
        with:
          sparse-checkout: .projen
          persist-credentials: false`;
  return `# Written by projen-delivery-conformance init. See CONFORMANCE.md.
name: conformance
run-name: conformance \${{ inputs.part }} \${{ inputs.request }}
on:
  workflow_dispatch:
    inputs:
      only:
        description: "Assumptions to measure, separated by spaces (empty: all of them)"
        required: false
        type: string
      part:
        description: "The part to run: measure starts the other parts"
        required: false
        type: choice
        options: [measure, cancel, rerun, queue${account ? ', aws' : ''}]
        default: measure
      request:
        description: "Internal, leave it empty: the run that started a part"
        required: false
        type: string
      seconds:
        description: "Internal, leave it empty: how long a part waits"
        required: false
        type: string
permissions: {}
jobs:
  measure:
    name: measure
    if: \${{ inputs.part == 'measure' }}
    runs-on: ubuntu-latest
    timeout-minutes: 60
    permissions:
      actions: write # dispatches, cancels and re-runs runs, deletes their artifacts
      contents: write # tags a release for each deployment, deletes the tags, creates a ref
      deployments: write # writes and deletes deployments
    concurrency:
      group: conformance
      cancel-in-progress: false
    steps:
      ${checkOut}
      - name: measure the assumptions about GitHub
        env:
          GITHUB_TOKEN: \${{ github.token }}
          CONFORMANCE_ONLY: \${{ inputs.only }}
          CONFORMANCE_JOB: \${{ job.check_run_id }}
        run: exec node ${PROGRAM} measure
  cancel:
    name: cancel
    if: \${{ inputs.part == 'cancel' }}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      deployments: write # reports
    steps:
      ${checkOut}
      - name: ignore signals
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: exec node ${PROGRAM} hang "$RUNNER_TEMP/signals"
      - name: report the signals
        if: \${{ always() }}
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: exec node ${PROGRAM} report-signals "$RUNNER_TEMP/signals"
  after_cancel:
    name: after cancel
    needs: cancel
    if: \${{ always() && inputs.part == 'cancel' }}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      deployments: write # reports
    steps:
      ${checkOut}
      - name: report that this job runs
        env:
          GITHUB_TOKEN: \${{ github.token }}
        run: exec node ${PROGRAM} report next-job
  first:
    name: first
    if: \${{ inputs.part == 'rerun' }}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
    outputs:
      attempt: \${{ steps.values.outputs.attempt }}
      masked: \${{ steps.values.outputs.masked }}
    steps:
      ${checkOut}
      - name: set two outputs, one of them with a masked value
        id: values
        run: exec node ${PROGRAM} set-outputs
      - name: upload an artifact with the same name in every attempt
        uses: ${uploadArtifact}
        with:
          name: ${PREFIX}artifact
          path: CONFORMANCE.md
          retention-days: 1
  second:
    name: second
    needs: first
    if: \${{ inputs.part == 'rerun' }}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      deployments: write # reports
    steps:
      ${checkOut}
      - name: report the outputs of the previous job
        env:
          GITHUB_TOKEN: \${{ github.token }}
          FIRST: \${{ needs.first.outputs.attempt }}
          MASKED: \${{ needs.first.outputs.masked }}
        run: exec node ${PROGRAM} report outputs "first=$FIRST" "masked=$MASKED"
      - name: fail in the first attempt
        run: test "$GITHUB_RUN_ATTEMPT" != 1
  nameless:
    name: no environment
    if: \${{ inputs.part == 'rerun' }}
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions: {}
    environment:
      name: \${{ fromJSON('{"measure":"nowhere"}')[inputs.part] }}
      deployment: false
    steps:
      - name: run without an environment
        run: "true"
  wait:
    name: wait
    if: \${{ inputs.part == 'queue' }}
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions: {}
    concurrency:
      group: conformance-queue
      cancel-in-progress: false
      queue: max
    steps:
      - name: keep the concurrency group
        env:
          SECONDS_TO_WAIT: \${{ inputs.seconds }}
        run: exec sleep "$SECONDS_TO_WAIT"
${account ? awsJob(pins, account, checkOut) : ''}`;
}

/** Only where `init` was given an account, and only if a person starts the part. */
function awsJob({ configureAwsCredentials }: Pins, { functionRole, region, role }: AwsAccount, checkOut: string): string {
  return `  measure_aws:
    name: measure AWS
    if: \${{ inputs.part == 'aws' }}
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions:
      contents: read
      id-token: write # signs in to AWS
    environment:
      name: ${ENVIRONMENT}
      deployment: false
    concurrency:
      group: conformance-aws
      cancel-in-progress: false
    steps:
      ${checkOut}
      - name: sign in to AWS
        uses: ${configureAwsCredentials}
        with:
          role-to-assume: ${role}
          aws-region: ${region}
      - name: measure the assumptions about AWS
        env:
          CONFORMANCE_FUNCTION_ROLE: ${functionRole}
        run: exec node ${PROGRAM} measure-aws
`;
}

/** CONFORMANCE.md: describes the files to people who find them in a repository. */
export function readme(port: number): string {
  return `# Conformance of GitHub

These files check the assumptions of [projen-delivery](https://github.com/projen-delivery/projen-delivery) about GitHub in this repository. They
serve nothing to users: the test service is a small program that runs only on the runner${port === DEFAULT_PORT ? '' : `, on port ${port}`}.

1. Commit the files and push them to the default branch.
2. Start the workflow: \`gh workflow run conformance.yml\`, or *Actions → conformance → Run workflow*.
3. Read the table in the summary of the job \`measure\`. The job fails if an assumption does not hold.

- **Settings**: Actions must be enabled, including the actions by GitHub (\`actions/checkout\`, \`actions/upload-artifact\`). Secrets, environments and
  reviewers are not needed. Rulesets must allow the workflow token to create and delete tags that begin with \`${PREFIX}\`.
- **Permissions**: each job has only what it needs. \`measure\` has \`actions: write\`, \`contents: write\` and \`deployments: write\`.
- **Time and cost**: about 15 minutes, and about 45 billed minutes in a private repository (about 35 jobs, each billed by the full minute).
- **What remains**: the runs, and two empty environments, \`conformance\` and \`conformance-measure\`, because a workflow token cannot delete
  environments. Deployments, tags, refs and artifacts are deleted at the end.

For details, see <https://github.com/projen-delivery/projen-delivery/blob/main/docs/conformance.md>
`;
}
