/** Something about GitHub that a guarantee rests on. docs/assumptions.md and the table of the conformance run list exactly these. */
export interface Assumption {
  readonly id: string;
  /** What is assumed, in a sentence. */
  readonly text: string;
  /** Where GitHub says so, or its source shows it. None: unverified. */
  readonly sources: readonly string[];
  /** What in this package rests on it: files or folders of the repository. */
  readonly usedBy: readonly string[];
  /** What happens where it does not hold. */
  readonly ifWrong: string;
  /** Why a run cannot measure it. @default - it is measured */
  readonly notMeasurable?: string;
}

const DOCS = 'https://docs.github.com/en';
const CONTEXTS = `${DOCS}/actions/reference/workflows-and-actions/contexts#github-context`;
const CANCELLATION = `${DOCS}/actions/reference/workflows-and-actions/workflow-cancellation`;
const CONCURRENCY = `${DOCS}/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency`;
const STATUSES = `${DOCS}/rest/deployments/statuses#create-a-deployment-status`;
const LIMITS = `${DOCS}/actions/reference/limits`;

export const ASSUMPTIONS = [
  // what runs are called
  {
    id: 'run-ids-increase',
    text: 'A run that is created later has a larger id, whatever its workflow.',
    sources: [],
    usedBy: ['src/runtime/ledger/history.ts', 'src/runtime/ledger/carried.ts', 'src/runtime/ownership.ts', 'src/runtime/run-order.ts'],
    ifWrong: 'A newer run with the smaller id changes nothing, exits with 2 and names rollback.yml. An older run with the larger id changes nothing either: the deploy job compares when GitHub created both runs, where its token may read them (`actions: read`).',
  },
  {
    id: 'rerun-keeps-run-id',
    text: 'A re-run keeps the id of its run and counts `run_attempt` up.',
    sources: [CONTEXTS],
    usedBy: ['src/runtime/job/run.ts', 'src/runtime/ledger/run-liveness.ts', 'src/ci/conditions.ts'],
    ifWrong: 'A re-run counts as another run: it waits for the first one, a bounded time, or finds that it is over.',
  },
  {
    id: 'run-statuses-known',
    text: 'A run is queued, requested, waiting, pending, in_progress or completed.',
    sources: [`${DOCS}/rest/actions/workflow-runs#get-a-workflow-run`],
    usedBy: ['src/runtime/ledger/run-liveness.ts', 'src/runtime/monitoring/watch/watch-runs.ts'],
    ifWrong: 'A run with any other status counts as still at work. A command that waits for it gives up after a bounded time, changes nothing and says so.',
  },
  {
    id: 'job-names-shown',
    text: 'The API shows jobs by the names that the workflow gives them.',
    sources: [`${DOCS}/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run`],
    usedBy: ['src/runtime/monitoring/watch/watch-runs.ts', 'src/runtime/dispatch/job-progress.ts'],
    ifWrong: 'The watch does not say that a deployment waits for approval, and a laptop shows no progress. Nothing is decided by it.',
  },

  // the ledger
  {
    id: 'deployment-ids-increase',
    text: 'A deployment that is created later has a larger id.',
    sources: [],
    usedBy: ['src/runtime/ledger/order.ts', 'src/runtime/ledger/github.ts', 'src/runtime/ledger/carried.ts'],
    ifWrong: 'A ledger whose ids and times contradict each other by more than 5 minutes is refused: nothing is changed, and the message names both records. Within 5 minutes all machines see the same order, so of two claims one gives way.',
  },
  {
    id: 'deployments-newest-first',
    text: 'Deployments are listed newest first.',
    sources: [],
    usedBy: ['src/runtime/ledger/github.ts'],
    ifWrong: 'What was read is sorted again, and a list that is found in another order is read to its end: more requests, the same answers.',
  },
  {
    id: 'deployment-read-after-write',
    text: 'A deployment is listed within 10 seconds after it was created.',
    sources: [],
    usedBy: ['src/runtime/ledger/github.ts', 'src/runtime/ownership.ts'],
    ifWrong: 'Two jobs in different concurrency groups may not see each other\'s claim at first. Each looks at the ledger again before every phase: the one whose claim is younger gives way and touches nothing more. `Lock.gitRef()` keeps them apart from the beginning.',
  },
  {
    id: 'status-read-after-write',
    text: 'A deployment status is listed within 10 seconds after it was created.',
    sources: [],
    usedBy: ['src/runtime/ownership.ts', 'src/runtime/settle.ts'],
    ifWrong: 'A process that takes over a deployment and cannot read its own entry back gives up and touches nothing. The next command on that environment finishes the deployment.',
  },
  {
    id: 'status-ids-increase',
    text: 'Statuses of a deployment get increasing ids, and 20 of them are kept.',
    sources: [],
    usedBy: ['src/runtime/ledger/entries.ts', 'src/runtime/ledger/github.ts'],
    ifWrong: 'All readers still see the same order, so of several that take over a deployment one wins. A winner that loses its place later finds out before its next phase and stops.',
  },
  {
    id: 'payload-kept',
    text: 'A deployment keeps a payload of 16 KB, byte for byte.',
    sources: [],
    usedBy: ['src/runtime/ledger/github.ts', 'src/runtime/ledger/record.ts'],
    ifWrong: 'The record cannot be written, or is not read back: the deployment ends before the first change. A rollback goes on without its record.',
  },
  {
    id: 'description-kept',
    text: 'A status keeps a description of 140 characters.',
    sources: [STATUSES],
    usedBy: ['src/runtime/ledger/github.ts'],
    ifWrong: 'Descriptions are cut to 140. A shorter limit refuses the status: what is not recorded is not reported as done, and the next command finishes the deployment.',
  },
  {
    id: 'log-url-kept',
    text: 'A status keeps its `log_url`, the part after the `#` included.',
    sources: [STATUSES],
    usedBy: ['src/runtime/ledger/github.ts'],
    ifWrong: 'Entries do not say which process wrote them, so no process can take over a deployment: it gives up, and says that another one is at work. Deployments without interruption are not affected.',
  },
  {
    id: 'creator-is-bot',
    text: 'What GITHUB_TOKEN creates belongs to github-actions[bot].',
    sources: [`${DOCS}/actions/concepts/security/github_token`],
    usedBy: ['src/runtime/ledger/github.ts', 'src/runtime/monitoring/watch/github-alert-book.ts'],
    ifWrong: 'The ledger looks empty: a first deployment, without a way back. The plan says so before anyone approves.',
  },
  {
    id: 'auto-inactive-off',
    text: 'With `auto_inactive: false` earlier deployments keep their states.',
    sources: [STATUSES],
    usedBy: ['src/runtime/ledger/github.ts'],
    ifWrong: 'GitHub\'s page shows earlier releases as inactive. The ledger does not count states that others wrote.',
  },
  {
    id: 'deployment-false',
    text: 'A job with `environment: { deployment: false }` records no deployment of its own.',
    sources: ['https://github.com/github/docs/commit/84e7f9cc19b5391d356c7a727595c1ee4b1218bb'],
    usedBy: ['src/ci/deploy-jobs.ts', 'src/ci/rollback-jobs.ts'],
    ifWrong: 'GitHub\'s page shows what jobs did beside what was deployed. The ledger counts only its own task.',
  },
  {
    id: 'deployments-kept',
    text: 'GitHub keeps deployments until they are deleted.',
    sources: [],
    usedBy: ['src/runtime/ledger/history.ts'],
    ifWrong: 'The ledger looks empty, or ends earlier: without Stable the next deployment is a first one, and the plan says before anyone approves that there is no way back. `adopt` records what is live as Stable.',
    notMeasurable: 'it takes months',
  },
  {
    id: 'rate-limit',
    text: 'GITHUB_TOKEN may send 1,000 requests an hour.',
    sources: [`${DOCS}/rest/using-the-rest-api/rate-limits-for-the-rest-api`],
    usedBy: ['src/runtime/ledger/github-api.ts', 'src/monitoring.ts'],
    ifWrong: 'A request that is refused waits as long as GitHub asks, at most 90 seconds, and then counts as not answered.',
  },

  // the lock
  {
    id: 'ref-created-once',
    text: 'A ref that exists is not created again (422), and refs outside `heads` and `tags` are taken.',
    sources: [`${DOCS}/rest/git/refs#create-a-reference`],
    usedBy: ['src/runtime/lock/lock-refs.ts', 'src/runtime/lock/git-ref-lock.ts'],
    ifWrong: 'Only with `Lock.gitRef()`: a ref that is refused ends the job before it changes anything. A ref that is created twice leaves what `Lock.ledger()` rests on: the claim in the ledger.',
  },

  {
    id: 'job-check-run-id',
    text: '`job.check_run_id` is the id under which the API lists the job; without it `RUNNER_NAME` is the name of its runner there.',
    sources: [`${DOCS}/actions/reference/workflows-and-actions/contexts#job-context`, 'https://github.com/github/docs/pull/40670'],
    usedBy: ['src/runtime/lock/job-process.ts', 'src/runtime/lock/liveness-source.ts', 'src/ci/steps.ts'],
    ifWrong: 'Only with `Lock.gitRef()`, and only where a job is lost while its run goes on: its lock is waited for until that run is over, and nothing is changed meanwhile.',
  },

  // artifacts
  {
    id: 'artifact-by-id-after-rerun',
    text: 'An artifact of an earlier attempt is found by its id after a re-run.',
    sources: ['https://github.com/actions/upload-artifact/issues/585'],
    usedBy: ['src/runtime/artifacts'],
    ifWrong: 'The plan looks for Stable\'s artifact before anyone approves, and the deploy job before its first change: without it nothing is deployed, and the message names the artifact.',
  },
  {
    id: 'artifact-names-repeat',
    text: 'A re-run adds an artifact, and replaces none of the same name.',
    sources: ['https://github.com/NVIDIA/aicr/pull/2196'],
    usedBy: ['src/runtime/artifacts', 'src/ci/build-job.ts'],
    ifWrong: 'As `artifact-by-id-after-rerun`. Digests distinguish releases of the same name.',
  },
  {
    id: 'artifact-redirect',
    text: 'The archive of an artifact is at another host, which needs no token.',
    sources: [`${DOCS}/rest/actions/artifacts#download-an-artifact`],
    usedBy: ['src/runtime/artifacts'],
    ifWrong: 'An answer without a redirect counts as none. A host that asks for a token refuses, and nothing is deployed: the token is for GitHub alone.',
  },
  {
    id: 'artifact-digest',
    text: 'The API gives the SHA-256 of an artifact\'s archive.',
    sources: [`${DOCS}/rest/actions/artifacts#get-an-artifact`],
    usedBy: ['src/runtime/artifacts'],
    ifWrong: 'The release inside is checked against the digest in the ledger all the same, so wrong bytes are never deployed.',
  },

  // the end of jobs
  {
    id: 'cancel-signals',
    text: 'A cancelled step gets SIGINT, SIGTERM 7.5 seconds later, and is killed 2.5 seconds after that.',
    sources: [CANCELLATION, 'https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs'],
    usedBy: ['src/ci/steps.ts', 'src/runtime/deployment.ts'],
    ifWrong: 'A process that is killed sooner leaves the deployment open. The next step of its job, the rollback job or the next command on the environment finishes it.',
  },
  {
    id: 'always-after-cancel',
    text: 'After a cancellation steps and jobs with `if: always()` run.',
    sources: [CANCELLATION],
    usedBy: ['src/ci/conditions.ts', 'src/ci/steps.ts'],
    ifWrong: 'What the cancelled run left open stays open until the next command on the environment, or until the watch finds it.',
  },
  {
    id: 'lost-runner-noticed',
    text: 'GitHub gives up a job whose runner is lost, some minutes later, and the job counts as failed.',
    sources: ['https://github.com/actions/runner/issues/4309'],
    usedBy: ['src/ci/conditions.ts', 'src/runtime/ledger/run-liveness.ts'],
    ifWrong: 'The rollback job waits for a job that never ends. `timeout-minutes` ends it, and the scheduled watch finds what is open meanwhile.',
    notMeasurable: 'it takes a runner to lose, and GitHub decides when it gives it up',
  },
  {
    id: 'lost-job-keeps-old-outputs',
    text: 'A job that is lost in a re-run has the outputs of its earlier attempt.',
    sources: [],
    usedBy: ['src/ci/conditions.ts', 'src/runtime/commands/monitor.ts'],
    ifWrong: 'Nothing rests on either answer: `settled` holds the number of the attempt, so outputs of an earlier one do not count, and no outputs do not either.',
    notMeasurable: 'it takes a runner to lose',
  },
  {
    id: 'rerun-failed-keeps-outputs',
    text: 'In "re-run failed jobs" a job that is not run again keeps its outputs.',
    sources: ['https://docs.github.com/en/enterprise-server@3.21/actions/managing-workflow-runs/re-running-workflows-and-jobs'],
    usedBy: ['src/ci/conditions.ts'],
    ifWrong: 'The plan\'s `go` is empty, so nothing is deployed: start a new run.',
  },
  {
    id: 'masked-output-dropped',
    text: 'An output that contains a masked value is dropped.',
    sources: ['https://github.com/actions/runner/blob/main/src/Runner.Worker/JobExtension.cs'],
    usedBy: ['src/runtime/job/outputs.ts', 'src/ci/conditions.ts'],
    ifWrong: 'Nothing rests on a value that is dropped: an empty `go` deploys nothing, an empty `settled` runs the rollback job, which finds nothing open.',
  },

  // how jobs are decided about
  {
    id: 'empty-environment-name',
    text: 'A job whose `environment` evaluates to the empty string runs without an environment.',
    sources: ['https://github.com/actions/runner/blob/main/src/Sdk/WorkflowParser/Conversion/WorkflowTemplateConverter.cs'],
    usedBy: ['src/ci/job-parts.ts', 'src/ci/subject.ts'],
    ifWrong: 'Where some environments have a monitorEnvironment and others do not: in rollback.yml `confirm` and `decide on` of the others fail before their first step. The rollback itself does not need it.',
  },
  {
    id: 'queue-max',
    text: 'With `queue: max` no job that waits for its concurrency group is cancelled for a newer one, and one runs at a time.',
    sources: [CONCURRENCY],
    usedBy: ['src/ci/deploy-jobs.ts', 'src/ci/rollback-jobs.ts'],
    ifWrong: 'A rollback by hand that waits is cancelled: its run says so. Jobs that run at once find each other in the ledger.',
  },
  {
    id: 'approval-holds-group',
    text: 'A job that waits for approval may hold its concurrency group, and may not.',
    sources: [],
    usedBy: ['src/ci/deploy-jobs.ts', 'src/ci/rollback-jobs.ts', 'src/runtime/ledger/run-liveness.ts'],
    ifWrong: 'Both are provided for: rollbacks have a group of their own, so they do not wait for a deploy that waits for approval, and every job looks at the ledger again once it starts.',
    notMeasurable: 'it takes an environment with reviewers, and a person who waits',
  },
  {
    id: 'dispatch-with-token',
    text: 'A dispatch with GITHUB_TOKEN starts a run.',
    sources: [`${DOCS}/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow`],
    usedBy: ['src/runtime/monitoring/watch/automatic-rollback.ts'],
    ifWrong: 'The watch says that the rollback could not be started, names the command, and tries again in its next run.',
  },
  {
    id: 'dispatch-names-run',
    text: 'A dispatch with `return_run_details` is answered with the id of its run.',
    sources: [`${DOCS}/rest/actions/workflows#create-a-workflow-dispatch-event`, 'https://github.com/cli/cli/issues/12672'],
    usedBy: ['src/runtime/dispatch/workflow-dispatch.ts'],
    ifWrong: 'The run is found by its title, which holds the request\'s number.',
  },
  {
    id: 'dispatched-run-listed',
    text: 'A run that was dispatched is listed within a minute.',
    sources: [],
    usedBy: ['src/runtime/dispatch/workflow-dispatch.ts', 'src/runtime/monitoring/watch/automatic-rollback.ts'],
    ifWrong: 'The message says where to look for it. The watch may start a rollback twice: the second one ends as superseded, or finds that Stable is live already.',
  },
  {
    id: 'schedule-late',
    text: 'Scheduled runs may come late, and now and then not at all.',
    sources: [`${DOCS}/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule`, 'https://github.com/orgs/community/discussions/213505'],
    usedBy: ['src/runtime/monitoring/watch/cadence.ts', 'src/runtime/monitoring/watch/heartbeat.ts'],
    ifWrong: 'Nothing rests on their being punctual: no deployment waits for one, and the heartbeat tells another system when the watch stays away.',
    notMeasurable: 'it takes hours',
  },
  {
    id: 'workflow-file-limit',
    text: 'A workflow file of 500 KB or less starts.',
    sources: [LIMITS],
    usedBy: ['src/ci/github-limits.ts'],
    ifWrong: 'Synthesis refuses larger files. A smaller limit shows at once: the workflow does not start, and nothing is deployed.',
    notMeasurable: 'GITHUB_TOKEN may not write workflow files',
  },

  // the whole
  {
    id: 'good-release-verified',
    text: 'The synthesized jobs deploy a good release, verify it, and make it Stable.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/test/e2e'],
    usedBy: ['src/ci', 'src/runtime'],
    ifWrong: 'The emulator differs from GitHub: please file an issue with the table and a link to the run.',
  },
  {
    id: 'bad-release-rolled-back',
    text: 'The synthesized jobs take back a release that answers 500.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/test/e2e'],
    usedBy: ['src/ci', 'src/runtime'],
    ifWrong: 'The emulator differs from GitHub: please file an issue with the table and a link to the run.',
  },
  {
    id: 'stale-release-rolled-back',
    text: 'The synthesized jobs take back a release that users do not get: the one before it still answers.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/test/e2e'],
    usedBy: ['src/ci', 'src/runtime'],
    ifWrong: 'The emulator differs from GitHub: please file an issue with the table and a link to the run.',
  },
  {
    id: 'rollback-by-hand',
    text: 'The synthesized rollback.yml restores a release that was verified before, in the environment that its expression names.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/test/e2e', 'https://github.com/github/docs/pull/23816'],
    usedBy: ['src/ci', 'src/runtime'],
    ifWrong: 'The emulator differs from GitHub: please file an issue with the table and a link to the run.',
  },
] as const satisfies readonly Assumption[];

export type AssumptionId = typeof ASSUMPTIONS[number]['id'];
type Measurable<T> = T extends { readonly notMeasurable: string } ? never : T;
/** What a run measures. */
export type MeasuredId = Measurable<typeof ASSUMPTIONS[number]>['id'];
