import { Finding } from './finding';
import { Job, parseWorkflow, Step, stepsOf, Workflow } from './workflow';

/** The properties that every workflow of ours holds, by their numbers in the design. */
const PROPERTIES: Record<string, (workflow: Workflow) => Found[]> = {
  '1 permissions: {} on top, grants per job': leastPermissions,
  '2 every uses is a 40-digit sha': pinnedActions,
  '3 no expression inside run': noExpressionInRun,
  '4 persist-credentials: false': noCredentialsLeftBehind,
  '5 no dangerous trigger, no inherited secrets': noDangerousTrigger,
  '6 secrets only where they are needed': secretsWhereNeeded,
  '7 no cache in deploying jobs': noCache,
  '8 timeout-minutes on every job': timeLimits,
  '9 explicit concurrency': queues,
  '10 names on workflow, jobs, steps': names,
  '11 inputs checked': checkedInputs,
  '12 artifact digest verified': verifiedArtifacts,
  '13 untrusted text reaches no command file': noCommandFiles,
  '14 npm ci only': lockedInstalls,
};

type Found = [where: string, message: string];

export async function properties(text: string): Promise<Finding[]> {
  return propertiesOf(parseWorkflow(text));
}

export function propertiesOf(workflow: Workflow): Finding[] {
  return Object.entries(PROPERTIES).flatMap(([property, check]) =>
    check(workflow).map(([where, message]) => ({ validator: `property ${property}`, where, message })));
}

function leastPermissions(workflow: Workflow): Found[] {
  const top = workflow.permissions && Object.keys(workflow.permissions).length === 0;
  return [
    ...(top ? [] : [found('permissions', 'is not {}')]),
    ...jobs(workflow).filter(({ job }) => job.permissions === undefined).map(({ where }) => found(where, 'grants are not said')),
    ...jobs(workflow).filter(({ job }) => typeof job.permissions === 'string').map(({ where, job }) => found(where, `grants ${String(job.permissions)}`)),
  ];
}

function pinnedActions(workflow: Workflow): Found[] {
  return stepsOf(workflow)
    .filter(({ step }) => step.uses !== undefined && !/@[0-9a-f]{40}$/.test(step.uses) && !step.uses.startsWith('./'))
    .map(({ where, step }) => found(where, `${step.uses} can be moved`));
}

function noExpressionInRun(workflow: Workflow): Found[] {
  return stepsOf(workflow).filter(({ step }) => step.run?.includes('${{')).map(({ where }) => found(where, 'pastes an expression into shell text'));
}

function noCredentialsLeftBehind(workflow: Workflow): Found[] {
  return stepsOf(workflow)
    .filter(({ step }) => step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false)
    .map(({ where }) => found(where, 'leaves the token in .git/config'));
}

function noDangerousTrigger(workflow: Workflow): Found[] {
  return [
    ...['pull_request_target', 'workflow_run'].filter((event) => event in (workflow.on ?? {})).map((event) => found('on', `starts on ${event}`)),
    ...jobs(workflow).filter(({ job }) => job.secrets === 'inherit').map(({ where }) => found(where, 'inherits all secrets')),
  ];
}

/** In the environment of one step of a job that names an environment; nowhere else. The channels' and the heartbeat's are the repository's: every job may notify. */
function secretsWhereNeeded(workflow: Workflow): Found[] {
  const elsewhere = JSON.stringify({ ...workflow, jobs: Object.values(workflow.jobs).map(withoutStepEnv) });
  return [
    ...[...elsewhere.matchAll(/secrets\.(\w+)/g)].filter(([, name]) => name !== 'GITHUB_TOKEN').map(([, name]) => found('workflow', `the secret ${name} is not only in a step's env`)),
    ...stepsOf(workflow)
      .filter(({ job, step }) => job.environment === undefined && !/delivery\.cjs (notify|watch)\b/.test(step.run ?? '') && JSON.stringify(step.env ?? {}).includes('secrets.'))
      .map(({ where }) => found(where, 'gets a secret in a job without an environment')),
  ];
}

function noCache(workflow: Workflow): Found[] {
  const deploying = stepsOf(workflow).filter(({ id, job }) => job.environment !== undefined || ['build', 'delivery_release'].includes(id));
  return deploying.filter(({ step }) => caches(step)).map(({ where, step }) => found(where, `${step.uses} restores a cache`));
}

function caches({ uses, with: inputs }: Step): boolean {
  if (uses === undefined) return false;
  if (uses.startsWith('actions/cache')) return true;
  if (uses.startsWith('actions/setup-go@')) return inputs?.cache !== false;
  if (uses.startsWith('oven-sh/setup-bun@')) return inputs?.['no-cache'] !== true;
  if (uses.startsWith('actions/setup-node@')) return inputs?.cache !== undefined || inputs?.['package-manager-cache'] !== false;
  return /^actions\/setup-|^pnpm\/action-setup@/.test(uses) && Boolean(inputs?.cache);
}

function timeLimits(workflow: Workflow): Found[] {
  return jobs(workflow).filter(({ job }) => !(Number(job['timeout-minutes']) > 0)).map(({ where }) => found(where, 'may take 6 hours'));
}

/** A deployment is never cancelled, neither at work nor in the queue. A preview gives way to the next push of its pull request, and to nothing else. */
function queues(workflow: Workflow): Found[] {
  const wanted = (job: Job) => job.permissions?.deployments === 'write' && typeof job.environment === 'object' && job.environment.url !== undefined;
  return [
    ...jobs(workflow).filter(({ job }) => JSON.stringify(job.concurrency ?? {}).includes('"cancel-in-progress":true')).map(({ where }) => found(where, 'is cancelled by a newer one')),
    ...jobs(workflow).filter(({ job }) => wanted(job)).flatMap(({ where, job }) => {
      const isPreview = job.steps?.some(isOfPreview);
      // the jobs of a preview belong together: its runs give way
      const { group, ...rest } = (isPreview ? workflow : job).concurrency as Record<string, unknown> ?? {};
      const givesWay = isPreview && rest['cancel-in-progress'] === '${{ github.event_name == \'pull_request\' }}' && /pull_request\.number/.test(String(group));
      const right = givesWay || (typeof group === 'string' && rest['cancel-in-progress'] === false && rest.queue === 'max');
      return right ? [] : [found(where, 'does not say who waits for whom')];
    }),
  ];
}

function names(workflow: Workflow): Found[] {
  return [
    ...(workflow.name ? [] : [found('workflow', 'has no name')]),
    ...jobs(workflow).filter(({ job }) => !job.name).map(({ where }) => found(where, 'has no name')),
    ...stepsOf(workflow).filter(({ step }) => !step.name).map(({ where }) => found(where, 'has no name')),
  ];
}

/**
 * A choice can be nothing else. Text that anybody can write reaches a command through the step's environment only, where the runtime
 * compares it with a pattern or with the ledger; besides, it may stand in the run's name, which is shown and never executed.
 */
function checkedInputs(workflow: Workflow): Found[] {
  const dispatch = (workflow.on?.workflow_dispatch ?? {}) as { inputs?: Record<string, { type?: string }> };
  const texts = Object.entries(dispatch.inputs ?? {}).filter(([, { type }]) => type !== 'choice' && type !== 'boolean').map(([name]) => name);
  const { 'run-name': _runName, concurrency: queue, ...others } = workflow;
  // the number of a preview is in its group, which is never executed
  const rest = Object.values(workflow.jobs).some(({ steps }) => steps?.some(isOfPreview)) ? others : { ...others, queue };
  const elsewhere = JSON.stringify({ ...rest, jobs: Object.values(workflow.jobs).map(withoutStepEnv) });
  const unnamed = /\binputs\s*(\[|\.\*|\))|github\.event\.inputs/;
  return [
    ...texts.filter((name) => new RegExp(`\\binputs\\.${name}\\b`).test(elsewhere)).map((name) => found(`on.workflow_dispatch.inputs.${name}`, 'is text that anybody writes, and not only in a step\'s env')),
    ...(unnamed.test(elsewhere) ? [found('workflow', 'reads inputs without naming them')] : []),
  ];
}

function withoutStepEnv(job: Job): Job {
  return withoutPlace({ ...job, steps: job.steps?.map(({ env: _, ...step }) => step) });
}

/** A preview has its number in its URL and its group, which are never executed, and is checked out by the sha that a person has approved. */
function withoutPlace(job: Job): Job {
  if (!job.steps?.some(isOfPreview)) return job;
  const { concurrency: _, environment, ...rest } = job;
  const { url: _url, ...place } = typeof environment === 'object' ? environment : { name: environment };
  const steps = job.steps.map((step) => (step.uses?.startsWith('actions/checkout@') ? { ...step, with: { ...step.with, ref: undefined } } : step));
  return { ...rest, environment: place as Job['environment'], steps };
}

function isOfPreview({ run }: Step): boolean {
  return /delivery\.cjs (?:run-|finish-|remove-|comment-)?preview /.test(run ?? '');
}

/** What the runtime needs for that: which artifact this run's own build made and its digest, and leave to fetch it by its id. */
function verifiedArtifacts(workflow: Workflow): Found[] {
  return jobs(workflow).flatMap(({ where, job }) => {
    const provides = (output: string) => [job.needs].flat().some((id) => workflow.jobs[id ?? '']?.outputs?.[output] !== undefined);
    if (!provides('artifact-id')) return [];
    const deploys = (job.steps ?? []).filter(({ run }) => /delivery\.cjs deploy/.test(run ?? ''));
    const { actions } = (job.permissions ?? {}) as { actions?: string };
    return [
      ...['DELIVERY_ARTIFACT_ID', 'DELIVERY_ARTIFACT_DIGEST', ...(provides('image-digest') ? ['DELIVERY_IMAGE_DIGEST'] : [])].flatMap((name) => deploys.filter(({ env }) => env?.[name] === undefined)
        .map((step) => found(where, `${step.name} does not know the ${name} that was built`))),
      ...(deploys.length > 0 && actions === undefined ? [found(where, 'may not fetch the artifact')] : []),
    ];
  });
}

/** Our two lines that write an output write hexadecimal digits and one line, the release's tag; everything else goes through the runtime. */
function noCommandFiles(workflow: Workflow): Found[] {
  return stepsOf(workflow)
    .filter(({ step }) => /GITHUB_(ENV|PATH)\b|echo\s+["']?::/.test(step.run ?? ''))
    .map(({ where }) => found(where, 'writes to a command file or a command line of the runner'));
}

/** A program that no lock file of a project holds is installed at one version. */
function lockedInstalls(workflow: Workflow): Found[] {
  const loose = /\bnpm (i|install|add)\b(?!.*--frozen)(?! --global --ignore-scripts [\w-]+@\d+\.\d+\.\d+$)|\byarn install\b(?!.*(--frozen-lockfile|--immutable))|\bpnpm (i|install)\b(?!.*--frozen-lockfile)|\bbun install\b(?!.*--frozen-lockfile)/;
  return stepsOf(workflow).filter(({ step }) => loose.test(step.run ?? '')).map(({ where }) => found(where, 'installs what the lock file does not say'));
}

function jobs(workflow: Workflow): { where: string; job: Job }[] {
  return Object.entries(workflow.jobs).map(([id, job]) => ({ where: `jobs.${id}`, job }));
}

function found(where: string, message: string): Found {
  return [where, message];
}
