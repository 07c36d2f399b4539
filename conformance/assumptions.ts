/** A behaviour of GitHub that a guarantee depends on. docs/assumptions.md and the table of the conformance run list exactly these. */
export interface Assumption {
  readonly id: string;
  /** The assumption, in one sentence. */
  readonly text: string;
  /** Where GitHub documents it, or its source code shows it. None: unverified. */
  readonly sources: readonly string[];
  /** The files or folders of the repository that depend on it. */
  readonly usedBy: readonly string[];
  /** What happens if it does not hold. */
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
    text: 'A run that is created later has a higher id, in all workflows.',
    sources: [],
    usedBy: ['src/runtime/ledger/history.ts', 'src/runtime/ledger/history-summary.ts', 'src/runtime/deployment/lease.ts', 'src/runtime/deployment/plan.ts'],
    ifWrong: 'A newer run with a lower id changes nothing, exits with code 2 and names rollback.yml. An older run with a higher id changes nothing either: the deploy job compares when GitHub created both runs, if its token can read them (`actions: read`).',
  },
  {
    id: 'rerun-keeps-run-id',
    text: 'A re-run has the id of its run and the next `run_attempt`.',
    sources: [CONTEXTS],
    usedBy: ['src/runtime/ci/run.ts', 'src/runtime/ci/github/run-liveness.ts', 'src/ci/github/jobs/conditions.ts'],
    ifWrong: 'A re-run counts as another run: it waits for the first one for a limited time, or finds that it is over.',
  },
  {
    id: 'run-statuses-known',
    text: 'The status of a run is queued, requested, waiting, pending, in_progress or completed.',
    sources: [`${DOCS}/rest/actions/workflow-runs#get-a-workflow-run`],
    usedBy: ['src/runtime/ci/github/run-liveness.ts', 'src/runtime/ci/github/watch-runs.ts'],
    ifWrong: 'A run with any other status counts as alive. A command that waits for it gives up after a limited time, changes nothing and reports it.',
  },
  {
    id: 'job-names-shown',
    text: 'The API lists jobs by the names that the workflow gives them.',
    sources: [`${DOCS}/rest/actions/workflow-jobs#list-jobs-for-a-workflow-run`],
    usedBy: ['src/runtime/ci/github/watch-runs.ts', 'src/runtime/ci/github/dispatch/follow.ts'],
    ifWrong: 'The watch does not report that a deployment waits for approval, and a laptop shows no progress. No decision depends on it.',
  },

  // the ledger
  {
    id: 'deployment-ids-increase',
    text: 'A deployment that is created later has a higher id.',
    sources: [],
    usedBy: ['src/runtime/event-log/event-log.ts', 'src/runtime/ci/github/event-log.ts', 'src/runtime/ledger/history-summary.ts'],
    ifWrong: 'A ledger whose ids and times contradict each other by more than 5 minutes is rejected: nothing is changed, and the message names both records. Within 5 minutes all machines see the same order, so one of two claims yields.',
  },
  {
    id: 'deployments-newest-first',
    text: 'Deployments are listed newest first.',
    sources: [],
    usedBy: ['src/runtime/ci/github/event-log.ts'],
    ifWrong: 'The list is sorted again, and a list in another order is read to its end: more requests, the same result.',
  },
  {
    id: 'deployment-read-after-write',
    text: 'A deployment is listed within 10 seconds after it was created.',
    sources: [],
    usedBy: ['src/runtime/ci/github/event-log.ts', 'src/runtime/deployment/lease.ts'],
    ifWrong: 'A job waits up to 60 seconds for its own record. Two jobs in different concurrency groups may not see each other\'s claim at first. Each reads the ledger again before every phase: the one with the younger claim yields and changes nothing more. `Lock.gitRef()` prevents this.',
  },
  {
    id: 'status-read-after-write',
    text: 'A deployment status is listed within 10 seconds after it was created.',
    sources: [],
    usedBy: ['src/runtime/deployment/lease.ts', 'src/runtime/deployment/recovery.ts'],
    ifWrong: 'A process waits up to 60 seconds for its own entry. One that continues a deployment and cannot read it by then gives up and changes nothing. The next command on that environment finishes the deployment.',
  },
  {
    id: 'status-ids-increase',
    text: 'Statuses of a deployment have increasing ids, and 20 of them are kept.',
    sources: [],
    usedBy: ['src/runtime/ledger/entries.ts', 'src/runtime/ci/github/event-log.ts'],
    ifWrong: 'All readers see the same order, so one of several processes that continue a deployment wins. A winner that loses its place later stops before its next phase.',
  },
  {
    id: 'payload-kept',
    text: 'A deployment keeps a payload of 16 KB, byte for byte.',
    sources: [],
    usedBy: ['src/runtime/ci/github/event-log.ts', 'src/runtime/ledger/record.ts'],
    ifWrong: 'The record cannot be written or read: the deployment ends before the first change. A rollback continues without its record.',
  },
  {
    id: 'description-kept',
    text: 'A status keeps a description of 140 characters.',
    sources: [STATUSES],
    usedBy: ['src/runtime/ci/github/event-log.ts'],
    ifWrong: 'Descriptions are cut to 140 characters. With a lower limit GitHub rejects the status: a state that is not recorded is not reported as done, and the next command finishes the deployment.',
  },
  {
    id: 'log-url-kept',
    text: 'A status keeps its `log_url`, including a part of 1,000 characters after `#`.',
    sources: [STATUSES],
    usedBy: ['src/runtime/ci/github/event-log.ts', 'src/runtime/ledger/recorded-outputs.ts'],
    ifWrong: 'Entries do not name the process that wrote them, so no process can continue a deployment: it gives up and reports that another process is at work. Deployments without interruption are not affected. If only a long part is rejected, an entry with outputs of a deployment is not recorded: the job reports it, and jobs without credentials do not know the outputs.',
  },
  {
    id: 'creator-is-bot',
    text: 'Records created with GITHUB_TOKEN belong to github-actions[bot].',
    sources: [`${DOCS}/actions/concepts/security/github_token`],
    usedBy: ['src/runtime/ci/github/event-log.ts'],
    ifWrong: 'The ledger looks empty: each deployment counts as a first one and cannot be rolled back. The plan reports this before the approval.',
  },
  {
    id: 'auto-inactive-off',
    text: 'With `auto_inactive: false` earlier deployments keep their states.',
    sources: [STATUSES],
    usedBy: ['src/runtime/ci/github/event-log.ts'],
    ifWrong: 'GitHub\'s page shows earlier releases as inactive. The ledger ignores states that others wrote.',
  },
  {
    id: 'deployment-false',
    text: 'A job with `environment: { deployment: false }` records no deployment of its own.',
    sources: ['https://github.com/github/docs/commit/84e7f9cc19b5391d356c7a727595c1ee4b1218bb'],
    usedBy: ['src/ci/github/jobs/deploy-jobs.ts', 'src/ci/github/jobs/rollback-jobs.ts'],
    ifWrong: 'GitHub\'s page shows additional deployments for the jobs. The ledger reads only its own task.',
  },
  {
    id: 'deployments-kept',
    text: 'GitHub keeps deployments until they are deleted.',
    sources: [],
    usedBy: ['src/runtime/ledger/history.ts'],
    ifWrong: 'The ledger looks empty or ends earlier. Without a stable release the next deployment counts as a first one, and the plan reports before the approval that it cannot be rolled back. `adopt` records the live release as stable.',
    notMeasurable: 'it takes months',
  },
  {
    id: 'rate-limit',
    text: 'GITHUB_TOKEN may send 1,000 requests per hour.',
    sources: [`${DOCS}/rest/using-the-rest-api/rate-limits-for-the-rest-api`],
    usedBy: ['src/runtime/ci/github/api.ts', 'src/monitoring/monitoring.ts'],
    ifWrong: 'A request that is rejected waits as long as GitHub requires, at most 90 seconds, and then counts as failed.',
  },

  // the lock
  {
    id: 'ref-created-once',
    text: 'An existing ref is not created again (422), and refs outside of `heads` and `tags` are accepted.',
    sources: [`${DOCS}/rest/git/refs#create-a-reference`],
    usedBy: ['src/runtime/ci/github/locks/lock-refs.ts', 'src/runtime/ci/github/locks/git-ref-lock.ts'],
    ifWrong: 'Only with `Lock.gitRef()`: if a ref is rejected, the job ends before it changes anything. If a ref is created twice, the protection of `Lock.ledger()` remains: the claim in the ledger.',
  },

  {
    id: 'job-check-run-id',
    text: '`job.check_run_id` is the id of the job in the API; without it, `RUNNER_NAME` is the name of its runner there.',
    sources: [`${DOCS}/actions/reference/workflows-and-actions/contexts#job-context`, 'https://github.com/github/docs/pull/40670'],
    usedBy: ['src/runtime/ci/github/locks/job-process.ts', 'src/ci/github/jobs/steps.ts'],
    ifWrong: 'Only with `Lock.gitRef()`, and only if a job is lost while its run continues: other jobs wait for its lock until that run is over, and nothing is changed meanwhile.',
  },

  // artifacts
  {
    id: 'artifact-by-id-after-rerun',
    text: 'After a re-run, an artifact of an earlier attempt is found by its id.',
    sources: ['https://github.com/actions/upload-artifact/issues/585'],
    usedBy: ['src/runtime/artifacts'],
    ifWrong: 'The plan looks for the artifact of the stable release before the approval, and the deploy job before its first change. Without it nothing is deployed, and the message names the artifact.',
  },
  {
    id: 'artifact-names-repeat',
    text: 'A re-run adds an artifact and does not replace one of the same name.',
    sources: ['https://github.com/NVIDIA/aicr/pull/2196'],
    usedBy: ['src/runtime/artifacts', 'src/ci/github/jobs/build-job.ts'],
    ifWrong: 'As for `artifact-by-id-after-rerun`. Digests distinguish releases of the same name.',
  },
  {
    id: 'artifact-redirect',
    text: 'The archive of an artifact is on another host, which needs no token.',
    sources: [`${DOCS}/rest/actions/artifacts#download-an-artifact`],
    usedBy: ['src/runtime/artifacts'],
    ifWrong: 'A response without a redirect counts as a failure. A host that requires a token rejects the request, and nothing is deployed: the token is sent only to GitHub.',
  },
  {
    id: 'artifact-digest',
    text: 'The API returns the SHA-256 of an artifact\'s archive.',
    sources: [`${DOCS}/rest/actions/artifacts#get-an-artifact`],
    usedBy: ['src/runtime/artifacts'],
    ifWrong: 'The release inside is still checked against the digest in the ledger, so wrong files are never deployed.',
  },

  // the end of jobs
  {
    id: 'cancel-signals',
    text: 'A cancelled step receives SIGINT, SIGTERM 7.5 seconds later, and is killed 2.5 seconds after that.',
    sources: [CANCELLATION, 'https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs'],
    usedBy: ['src/ci/github/jobs/steps.ts', 'src/runtime/deployment/deployment.ts'],
    ifWrong: 'A process that is killed sooner leaves the deployment unfinished. The next step of its job, the rollback job or the next command on the environment finishes it.',
  },
  {
    id: 'always-after-cancel',
    text: 'After a cancellation, steps and jobs with `if: always()` run.',
    sources: [CANCELLATION],
    usedBy: ['src/ci/github/jobs/conditions.ts', 'src/ci/github/jobs/steps.ts'],
    ifWrong: 'A deployment that the cancelled run left unfinished stays unfinished until the next command on the environment, or until the watch finds it.',
  },
  {
    id: 'lost-runner-noticed',
    text: 'If a runner is lost, GitHub ends its job some minutes later, and the job counts as failed.',
    sources: ['https://github.com/actions/runner/issues/4309'],
    usedBy: ['src/ci/github/jobs/conditions.ts', 'src/runtime/ci/github/run-liveness.ts'],
    ifWrong: 'The rollback job waits for a job that never ends. `timeout-minutes` ends it, and the scheduled watch finds the unfinished deployment meanwhile.',
    notMeasurable: 'it needs a lost runner, and GitHub decides when to give it up',
  },
  {
    id: 'lost-job-keeps-old-outputs',
    text: 'A job that is lost in a re-run has the outputs of its earlier attempt.',
    sources: [],
    usedBy: ['src/ci/github/jobs/conditions.ts', 'src/runtime/commands/monitor.ts'],
    ifWrong: 'No decision depends on it: `completed_attempt` contains the number of the attempt, so outputs of an earlier attempt do not count, and neither do missing outputs.',
    notMeasurable: 'it needs a lost runner',
  },
  {
    id: 'rerun-failed-keeps-outputs',
    text: 'In "Re-run failed jobs", a job that does not run again keeps its outputs.',
    sources: ['https://docs.github.com/en/enterprise-server@3.21/actions/managing-workflow-runs/re-running-workflows-and-jobs'],
    usedBy: ['src/ci/github/jobs/conditions.ts'],
    ifWrong: 'The plan\'s `go` is empty, so nothing is deployed: start a new run.',
  },
  {
    id: 'masked-output-dropped',
    text: 'An output that contains a masked value is dropped.',
    sources: ['https://github.com/actions/runner/blob/main/src/Runner.Worker/JobExtension.cs'],
    usedBy: ['src/runtime/ci/github/outputs.ts', 'src/ci/github/jobs/conditions.ts'],
    ifWrong: 'No decision depends on a dropped value: an empty `go` deploys nothing, an empty `completed_attempt` runs the rollback job, which finds nothing to do.',
  },

  // how jobs are decided about
  {
    id: 'empty-environment-name',
    text: 'A job whose `environment` evaluates to the empty string runs without an environment.',
    sources: ['https://github.com/actions/runner/blob/main/src/Sdk/WorkflowParser/Conversion/WorkflowTemplateConverter.cs'],
    usedBy: ['src/ci/github/jobs/job-settings.ts', 'src/ci/github/jobs/job-environment.ts'],
    ifWrong: 'If only some environments have a `monitorEnvironment`: in rollback.yml the jobs `monitor` and `decision` of the others fail before their first step. The rollback itself does not depend on it.',
  },
  {
    id: 'queue-max',
    text: 'With `queue: max`, one job of a concurrency group runs at a time, and no waiting job is cancelled for a newer one.',
    sources: [CONCURRENCY],
    usedBy: ['src/ci/github/jobs/deploy-jobs.ts', 'src/ci/github/jobs/rollback-jobs.ts'],
    ifWrong: 'A rollback by hand that waits is cancelled, which its run shows. Jobs that run at the same time detect each other in the ledger.',
  },
  {
    id: 'approval-holds-group',
    text: 'A job that waits for approval may or may not occupy its concurrency group.',
    sources: [],
    usedBy: ['src/ci/github/jobs/deploy-jobs.ts', 'src/ci/github/jobs/rollback-jobs.ts', 'src/runtime/ci/github/run-liveness.ts'],
    ifWrong: 'Both cases are handled: rollbacks have their own group, so they do not wait for a deployment that waits for approval, and every job reads the ledger again when it starts.',
    notMeasurable: 'it needs an environment with reviewers, and a person who waits',
  },
  {
    id: 'dispatch-with-token',
    text: 'A dispatch with GITHUB_TOKEN starts a run.',
    sources: [`${DOCS}/actions/how-tos/write-workflows/choose-when-workflows-run/trigger-a-workflow`],
    usedBy: ['src/runtime/monitoring/automatic-rollback.ts'],
    ifWrong: 'The watch reports that the rollback could not be started, shows the command, and tries again in its next run.',
  },
  {
    id: 'dispatch-names-run',
    text: 'A dispatch with `return_run_details` returns the id of its run.',
    sources: [`${DOCS}/rest/actions/workflows#create-a-workflow-dispatch-event`, 'https://github.com/cli/cli/issues/12672'],
    usedBy: ['src/runtime/ci/github/dispatch/workflow-dispatch.ts'],
    ifWrong: 'The run is found by its title, which contains the number of the request.',
  },
  {
    id: 'dispatched-run-listed',
    text: 'A run that was dispatched is listed within a minute.',
    sources: [],
    usedBy: ['src/runtime/ci/github/dispatch/workflow-dispatch.ts', 'src/runtime/monitoring/automatic-rollback.ts'],
    ifWrong: 'The message says where to look for the run. The watch may start a rollback twice: the second one ends as superseded, or finds that the stable release is already live.',
  },
  {
    id: 'schedule-late',
    text: 'Scheduled runs may be late, and sometimes do not run at all.',
    sources: [`${DOCS}/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule`, 'https://github.com/orgs/community/discussions/213505'],
    usedBy: ['src/runtime/monitoring/cadence.ts', 'src/runtime/monitoring/heartbeat.ts'],
    ifWrong: 'No deployment waits for a scheduled run, and the heartbeat lets another system notice if the watch stops.',
    notMeasurable: 'it takes hours',
  },
  {
    id: 'workflow-file-limit',
    text: 'A workflow file of 500 KB or less starts.',
    sources: [LIMITS],
    usedBy: ['src/ci/github/invariants/github-limits.ts'],
    ifWrong: 'Synthesis rejects larger files. If the limit is lower, the workflow does not start, and nothing is deployed.',
    notMeasurable: 'GITHUB_TOKEN may not write workflow files',
  },

  // the whole
  {
    id: 'good-release-verified',
    text: 'The synthesized jobs deploy a good release, verify it, and record it as stable.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/tools/github-actions-emulator'],
    usedBy: ['src/ci/github', 'src/runtime'],
    ifWrong: 'The emulator in the tests differs from GitHub: please file an issue with the table and a link to the run.',
  },
  {
    id: 'bad-release-rolled-back',
    text: 'The synthesized jobs roll back a release that responds with 500.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/tools/github-actions-emulator'],
    usedBy: ['src/ci/github', 'src/runtime'],
    ifWrong: 'The emulator in the tests differs from GitHub: please file an issue with the table and a link to the run.',
  },
  {
    id: 'stale-release-rolled-back',
    text: 'The synthesized jobs roll back a release that users do not get, because the previous one still responds.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/tools/github-actions-emulator'],
    usedBy: ['src/ci/github', 'src/runtime'],
    ifWrong: 'The emulator in the tests differs from GitHub: please file an issue with the table and a link to the run.',
  },
  {
    id: 'rollback-by-hand',
    text: 'The synthesized rollback.yml restores a release that was verified before, in the environment that its expression names.',
    sources: ['https://github.com/projen-delivery/projen-delivery/tree/main/tools/github-actions-emulator', 'https://github.com/github/docs/pull/23816'],
    usedBy: ['src/ci/github', 'src/runtime'],
    ifWrong: 'The emulator in the tests differs from GitHub: please file an issue with the table and a link to the run.',
  },
] as const satisfies readonly Assumption[];

export type AssumptionId = typeof ASSUMPTIONS[number]['id'];
type Measurable<T> = T extends { readonly notMeasurable: string } ? never : T;
/** What a run measures. */
export type MeasuredId = Measurable<typeof ASSUMPTIONS[number]>['id'];
