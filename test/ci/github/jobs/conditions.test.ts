import { execFileSync } from 'node:child_process';
import { Schedule, Strategy, Target, Trigger } from '../../../../src';
import { deliver, environment, plainProject, synthesize } from '../../../test-project';
import { Contexts, evaluate, Status } from '../../../validators/expressions';
import { Workflow } from '../../../validators/workflow';

const RESULTS = ['success', 'failure', 'cancelled', 'skipped'];

describe('what a ref starts', () => {
  const project = plainProject();
  deliver(project, {
    artifact: { paths: ['dist'] },
    environments: [
      environment('staging'),
      environment('preview', { trigger: Trigger.branch('it\'s-c++') }),
      environment('production', { trigger: Trigger.tag('v*', { requires: 'staging', except: 'v*-rc' }) }),
      environment('canary', { trigger: Trigger.tag('v*-rc', { except: 'v0*' }) }),
      environment('nightly', { trigger: Trigger.tag('nightly') }),
      environment('follower', { trigger: Trigger.after('staging') }),
      environment('demo', { trigger: Trigger.manual() }),
      environment('lab', { trigger: Trigger.manual() }),
    ],
  });
  const { deploy } = synthesize(project);

  it.each<[string, string[]]>([
    ['refs/heads/main', ['build', 'environment_staging', 'environment_follower']],
    ['refs/heads/it\'s-c++', ['build', 'environment_preview']],
    ['refs/heads/main2', []],
    ['refs/heads/feature/main', []],
    ['refs/tags/main', []],
    ['refs/tags/v1.2.3', ['environment_production']],
    ['refs/tags/v1.2.3-rc', ['build', 'environment_canary']],
    ['refs/tags/v0.1.0-rc', []],
    ['refs/tags/v0.1.0', ['environment_production']],
    ['refs/tags/nightly', ['build', 'environment_nightly']],
    ['refs/tags/nightly2', []],
    ['refs/tags/x1.0', []],
    ['refs/heads/v1.2.3', []],
  ])('a push of %s starts %j', (ref, expected) => {
    expect(started(deploy, push(ref)).sort()).toEqual([...expected].sort());
  });

  it('a person starts the environment that was chosen, and no other', () => {
    const chosen = (name: string) => started(deploy, { ...push('refs/heads/main', 'workflow_dispatch'), inputs: { environment: name } });
    expect(chosen('demo')).toEqual(['build', 'environment_demo']);
    expect(chosen('lab')).toEqual(['build', 'environment_lab']);
    expect(chosen('staging')).toEqual([]);
  });

  it('a fork starts nothing', () => {
    expect(started(deploy, push('refs/heads/main', 'push', true))).toEqual([]);
  });

  it('nothing starts on a pull request', () => {
    expect(started(deploy, push('refs/heads/main', 'pull_request'))).toEqual([]);
  });

  it('the events include all that the jobs need, and hide no tag from an environment by another\'s exception', () => {
    expect(deploy.on).toEqual({
      push: { branches: ['main', 'it\'s-c\\+\\+'], tags: ['v*', 'v*-rc', 'nightly'] },
      workflow_dispatch: {
        inputs: { environment: { description: 'The environment to deploy to', required: true, type: 'choice', options: ['demo', 'lab'] } },
      },
    });
  });
});

it('an exception of one environment only keeps the workflow from starting', () => {
  const project = plainProject();
  deliver(project, {
    environments: [
      environment('nightly', { trigger: Trigger.tag('nightly-*') }),
      environment('production', { trigger: Trigger.tag('v*', { except: '*-rc' }) }),
    ],
  });
  expect(synthesize(project).deploy.on).toEqual({ push: { tags: ['v*', '!*-rc', 'nightly-*'] } });
});

describe('the deploy job', () => {
  const project = plainProject();
  const delivery = deliver(project, {
    artifact: { paths: ['dist'] },
    needs: ['unit-test'],
    environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })],
  });
  delivery.workflow.addJob('unit-test', {
    name: 'test', runsOn: ['ubuntu-latest'], permissions: {}, timeoutMinutes: 5, steps: [{ name: 'test', run: 'true' }],
  });
  const { deploy } = synthesize(project);
  const job = deploy.jobs.deploy_production;
  const needs = job.needs as string[];
  const outputs: Record<string, Record<string, string>> = { environment_production: { go: 'true' }, monitor_staging: { state: 'stable' } };

  it('waits for everything its condition names', () => {
    expect(needs.sort()).toEqual(['build', 'deploy_staging', 'environment_production', 'monitor_staging', 'unit-test']);
  });

  it('runs when every job before it succeeded, and in no other combination of results', () => {
    const ran = combinations(needs, RESULTS).filter((results) => runs(job.if!, needs, results, outputs));
    expect(ran).toEqual([needs.map(() => 'success')]);
  });

  it('does not run if the plan rejects it', () => {
    expect(runs(job.if!, needs, needs.map(() => 'success'), { ...outputs, environment_production: { go: 'false' } })).toBe(false);
  });

  it.each(['rolledBack', 'halted', 'superseded', ''])('does not promote what is %j on the environment before', (state) => {
    expect(runs(job.if!, needs, needs.map(() => 'success'), { ...outputs, monitor_staging: { state } })).toBe(false);
  });

  it('does not run in a cancelled run', () => {
    expect(runs(job.if!, needs, needs.map(() => 'success'), outputs, 'cancelled')).toBe(false);
  });
});

describe('the monitor and rollback jobs', () => {
  const project = plainProject();
  deliver(project);
  const { monitor_staging: monitor, rollback_staging: rollback } = synthesize(project).deploy.jobs;

  it.each(RESULTS)('after a deploy job that was %s, the monitor job runs unless nothing was tried', (result) => {
    for (const status of ['success', 'failure', 'cancelled'] as const) {
      expect(runs(monitor.if!, ['deploy_staging'], [result], {}, status)).toBe(result !== 'skipped');
    }
  });

  it('the rollback job runs if something was tried and this attempt did not report that nothing is open', () => {
    const needs = ['deploy_staging', 'monitor_staging'];
    for (const [deployed, monitored] of combinations(needs, RESULTS)) {
      for (const completed of ['', '1', '2', '3']) {
        const ran = runs(rollback.if!, needs, [deployed, monitored], { monitor_staging: { completed_attempt: completed } }, 'failure');
        expect(ran).toBe(deployed !== 'skipped' && completed !== '2');
      }
    }
  });

  it('the recovery step runs after every deploy step that did not succeed', () => {
    const recover = synthesize(rollbackProject()).deploy.jobs.deploy_staging.steps!.find(({ id }) => id === 'recover')!;
    for (const conclusion of ['failure', 'cancelled', 'skipped', null, 'success']) {
      expect(Boolean(evaluate(recover.if!, { steps: { deploy: { conclusion } } }, 'cancelled'))).toBe(conclusion !== 'success');
    }
  });
});

describe('the jobs of the workflow rollback', () => {
  const project = plainProject();
  deliver(project, {
    target: Target.tasks({ deploy: 'ship', promote: 'switch-traffic', migrate: 'migrate' }),
    environments: [environment('staging', { strategy: Strategy.blueGreen() }), environment('it-s', { trigger: Trigger.manual() })],
  });
  const { rollback } = synthesize(project);
  const startedBy = (name: string, action: string, fork = false) => (
    started(rollback, { ...push('refs/heads/main', 'workflow_dispatch', fork), inputs: { environment: name, action } })
  );

  it('begin with a hold of the environment that was chosen, and nothing else', () => {
    expect(startedBy('staging', 'rollback')).toEqual(['hold']);
  });

  it.each(['unblock', 'adopt', 'resolve', 'unfreeze'])('decide on the environment that was chosen, and do only that: %s', (action) => {
    expect(startedBy('staging', action)).toEqual(['decision']);
    const steps = rollback.jobs.decision.steps!.filter((step) => step.if === undefined || evaluate(step.if, { inputs: { action } }) === true);
    expect(steps.map(({ id }) => id)).toEqual(['checkout', action]);
  });

  it('do nothing in a fork', () => {
    expect(startedBy('staging', 'rollback', true)).toEqual([]);
    expect(startedBy('staging', 'unblock', true)).toEqual([]);
  });

  it('roll back when the hold names a release, and not in a run that was cancelled meanwhile', () => {
    const job = rollback.jobs.rollback;
    for (const status of ['success', 'failure', 'cancelled'] as const) {
      const ran = (release: string) => RESULTS.filter((result) => runs(job.if!, ['hold'], [result], { hold: { release } }, status));
      expect(ran('3f2a91c')).toEqual(status === 'cancelled' ? [] : ['success']);
      expect(ran('')).toEqual([]);
    }
  });

  it('recover if something was tried and this attempt did not report that nothing is open', () => {
    const job = rollback.jobs.recover;
    for (const result of RESULTS) {
      for (const completed of ['', '1', '2', '3']) {
        const ran = runs(job.if!, ['rollback', 'monitor'], [result, 'failure'], { monitor: { completed_attempt: completed } }, 'failure');
        expect(ran).toBe(result !== 'skipped' && completed !== '2');
      }
    }
  });

  it('recover in the same job unless the rollback succeeded', () => {
    const recover = rollback.jobs.rollback.steps!.find(({ id }) => id === 'recover')!;
    for (const conclusion of ['failure', 'cancelled', 'skipped', null, 'success']) {
      expect(Boolean(evaluate(recover.if!, { steps: { rollback: { conclusion } } }, 'cancelled'))).toBe(conclusion !== 'success');
    }
  });

  it('are found by the name of their run', () => {
    const named = (request: string) => {
      const contexts = { github: { actor: 'alice' }, inputs: { action: 'rollback', environment: 'staging', request } };
      return rollback['run-name']!.replace(/\$\{\{.*?\}\}/g, (text) => String(evaluate(text, contexts)));
    };
    expect(named('')).toBe('rollback staging by alice');
    expect(named('5f0c2a')).toBe('rollback staging by alice (5f0c2a)');
  });

  it('treat an unknown slot as not given', () => {
    const { DELIVERY_INPUT_SLOT: text } = rollback.jobs.decision.steps!.find(({ id }) => id === 'adopt')!.env!;
    expect(['unknown', 'blue', 'green'].map((slot) => evaluate(text, { inputs: { slot } }))).toEqual(['', 'blue', 'green']);
  });

  it('pass each input as one word', () => {
    const stepOf = (id: string) => rollback.jobs[id].steps!.find((one) => one.id === id)!;
    const words = (evenIf: boolean, release: string, reason: string, step = stepOf('rollback'), from = '') => {
      const chosen = String(evaluate(step.env!.DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE, { inputs: { even_if_irreversible: evenIf } }));
      const env = { DELIVERY_INPUT_ENVIRONMENT: 'stag ing', DELIVERY_INPUT_RELEASE: release, DELIVERY_INPUT_REASON: reason, DELIVERY_INPUT_FROM_DEPLOYMENT: from, DELIVERY_INPUT_EVEN_IF_IRREVERSIBLE: chosen };
      const script = step.run!.replace('exec node .projen/delivery.cjs', 'printf "%s\\n"');
      return execFileSync('bash', ['-e', '-c', script], { env, encoding: 'utf8' }).split('\n').slice(0, -1);
    };
    expect(words(false, '', 'slow; $(id)')).toEqual(['rollback', 'stag ing', '--release=', '--reason=slow; $(id)', '--from-deployment=']);
    expect(words(true, 'v1 --recover', '`id` "x" \'y\' *')).toEqual(['rollback', 'stag ing', '--release=v1 --recover', '--reason=`id` "x" \'y\' *', '--from-deployment=', '--even-if-irreversible']);
    expect(words(true, 'v1', '', stepOf('hold'), '7 --recover')).toEqual(['hold', 'stag ing', '--release=v1', '--reason=', '--from-deployment=7 --recover', '--even-if-irreversible']);
  });
});

describe('the jobs of the workflow drill', () => {
  const project = plainProject();
  deliver(project, {
    drill: { environments: ['staging', 'production'], schedule: Schedule.weekly('Tue 03:17') },
    environments: [environment('staging'), environment('production', { trigger: Trigger.after('staging') })],
  });
  const { drill } = synthesize(project);

  it('only start runs of their own on schedule, drill by hand, and do nothing in a fork', () => {
    const inputs = { environment: 'production' };
    expect(started(drill, { ...push('refs/heads/main', 'schedule'), inputs: {} })).toEqual(['start']);
    expect(started(drill, { ...push('refs/heads/main', 'workflow_dispatch'), inputs })).toEqual(['drill']);
    expect(started(drill, { ...push('refs/heads/main', 'schedule', true), inputs: {} })).toEqual([]);
    expect(started(drill, { ...push('refs/heads/main', 'workflow_dispatch', true), inputs })).toEqual([]);
  });

  it('recover if something was tried and this attempt did not report that nothing is open', () => {
    for (const result of RESULTS) {
      for (const completed of ['', '1', '2', '3']) {
        const ran = runs(drill.jobs.recover.if!, ['drill', 'monitor'], [result, 'failure'], { monitor: { completed_attempt: completed } }, 'cancelled');
        expect(ran).toBe(result !== 'skipped' && completed !== '2');
      }
    }
  });
});

function rollbackProject() {
  const project = plainProject();
  deliver(project);
  return project;
}

/** The jobs without `needs` whose condition holds. */
function started(workflow: Workflow, contexts: Contexts): string[] {
  return Object.entries(workflow.jobs)
    .filter(([, job]) => job.needs === undefined && evaluate(job.if!, contexts) === true)
    .map(([id]) => id);
}

function push(ref: string, event = 'push', fork = false): Contexts {
  return { github: { event_name: event, ref, event: { repository: { fork } } }, inputs: {} };
}

function runs(condition: string, needs: string[], results: string[], outputs: Record<string, Record<string, string>>, status: Status = 'success'): boolean {
  const context = Object.fromEntries(needs.map((need, i) => [need, { result: results[i], outputs: outputs[need] ?? {} }]));
  return Boolean(evaluate(condition, { needs: context, github: { run_attempt: '2' } }, status));
}

function combinations(of: string[], values: string[]): string[][] {
  return of.reduce<string[][]>((all) => all.flatMap((one) => values.map((value) => [...one, value])), [[]]);
}
