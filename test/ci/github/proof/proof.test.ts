/** What the proof accepts and refuses, on the jobs of two environments as they are synthesized: staging, and production after it. */
import { Jobs, ProvenEnvironment } from '../../../../src/ci/github/proof/cone';
import { disproofOf, Unproven } from '../../../../src/ci/github/proof/proof';
import { deployingEvents } from '../../../../src/ci/github/workflows/deploying-events';
import { WrittenJob } from '../../../../src/ci/github/workflows/written-workflow';

type Change = Readonly<Record<string, WrittenJob>>;

const PUSH = '!github.event.repository.fork && github.event_name == \'push\' && github.ref == \'refs/heads/main\'';

function jobsOf(name: string, after?: string): Record<string, WrittenJob> {
  const before = after === undefined ? [] : [`deploy_${after}`, `monitor_${after}`];
  const succeeded = ['build', `environment_${name}`, ...before].map((id) => `needs.${id}.result == 'success'`).join(' && ');
  const stable = after === undefined ? '' : ` && needs.monitor_${after}.outputs.state == 'stable'`;
  return {
    [`environment_${name}`]: { if: `\${{ ${PUSH} }}` },
    [`deploy_${name}`]: {
      needs: ['build', `environment_${name}`, ...before],
      if: `\${{ !cancelled() && ${succeeded} && needs.environment_${name}.outputs.go == 'true'${stable} }}`,
      environment: { name },
    },
    [`monitor_${name}`]: { needs: [`deploy_${name}`], if: `\${{ always() && needs.deploy_${name}.result != 'skipped' }}` },
    [`rollback_${name}`]: {
      needs: [`deploy_${name}`, `monitor_${name}`],
      if: `\${{ always() && needs.deploy_${name}.result != 'skipped' && needs.monitor_${name}.outputs.completed_attempt != github.run_attempt }}`,
      environment: { name },
    },
  };
}

const JOBS: Jobs = { build: { if: `\${{ ${PUSH} }}` }, ...jobsOf('staging'), ...jobsOf('production', 'staging') };

function environment(name: string, after?: string): ProvenEnvironment {
  const jobs = { plan: `environment_${name}`, deploy: `deploy_${name}`, monitor: `monitor_${name}`, rollback: `rollback_${name}` };
  return { name, after, jobs, awaited: ['build'], starts: deployingEvents({ kind: 'branch', branch: 'main' }, name, {}) };
}

const prove = (change: Change = {}) => disproofOf({ ...JOBS, ...change }, [environment('staging'), environment('production', 'staging')]);
const also = (id: string, more: string): Change => ({ [id]: { ...JOBS[id], if: String(JOBS[id]!.if).replace(/ \}\}$/, ` && ${more} }}`) } });
const STABLE = 'needs.monitor_staging.outputs.state == \'stable\'';
const instead = (id: string, part: string, other: string): Change => ({ [id]: { ...JOBS[id], if: String(JOBS[id]!.if).replace(part, other) } });
const without = (id: string, part: string): Change => ({ [id]: { ...JOBS[id], if: String(JOBS[id]!.if).replace(` && ${part}`, '') } });

test('the jobs as they are synthesized are proven', () => {
  expect(prove()).toEqual(undefined);
});

test.each<[string, Change]>([
  ['a deployment that a variable allows', also('deploy_staging', 'vars.OPEN == \'yes\'')],
  ['what the confirmation implies', without('deploy_production', 'needs.deploy_staging.result == \'success\'')],
])('accepted: %s', (_, change) => {
  expect(prove(change)).toEqual(undefined);
});

test.each<[string, string, string, Change]>([
  ['a confirmation that a variable forbids', 'staging', 'leftUnverified', also('monitor_staging', 'vars.CONFIRM == \'yes\'')],
  ['a rollback that a variable forbids', 'staging', 'leftUnverified', also('rollback_staging', 'vars.CONFIRM == \'yes\'')],
  ['a rollback that begins again whatever was completed', 'staging', 'secondApproval', without('rollback_staging', 'needs.monitor_staging.outputs.completed_attempt != github.run_attempt')],
  ['a deployment without its plan\'s word', 'staging', 'unprepared', without('deploy_staging', 'needs.environment_staging.outputs.go == \'true\'')],
  ['production past staging', 'production', 'pastUnverified', without('deploy_production', 'needs.monitor_staging.outputs.state == \'stable\'')],
  ['a job of the project that asks for the same approval', 'staging', 'secondApproval', { smoke: { needs: ['deploy_staging'], environment: 'staging' } }],
  ['one that writes its name in other letters', 'staging', 'secondApproval', { smoke: { needs: ['deploy_staging'], environment: { name: 'Staging' } } }],
  ['one before an environment that comes earlier', 'production', 'secondApproval', {
    smoke: { environment: 'production' }, deploy_staging: { ...also('deploy_staging', 'needs.smoke.result == \'success\'').deploy_staging, needs: ['smoke', 'build', 'environment_staging'] },
  }],
  ['a confirmation in the first attempts only', 'staging', 'leftUnverified', also('monitor_staging', 'github.run_attempt < 3')],
  ['a rollback in the first nine attempts only', 'staging', 'leftUnverified', also('rollback_staging', 'github.run_attempt < 10')],
  ['production past staging in the seventh attempt', 'production', 'pastUnverified', instead('deploy_production', STABLE, `(${STABLE} || github.run_attempt == 7)`)],
])('refused: %s', (_, name, fault, change) => {
  const found = prove(change);
  expect([found?.environment.name, found?.fault]).toEqual([name, fault]);
  expect(found!.story.length).toBeGreaterThan(0);
});

test('a gate after many jobs has too many outcomes to prove, and that is said soon', () => {
  const tests = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`test-${i}`, {}]));
  const gate = { needs: Object.keys(tests), if: 'always() && !contains(needs.*.result, \'failure\')' };
  const deploy = { ...JOBS.deploy_staging, needs: ['gate', 'build', 'environment_staging'] };
  expect(() => prove({ ...tests, gate, deploy_staging: deploy })).toThrow(Unproven);
});

test('the story says what each job did, in order', () => {
  const found = prove(without('deploy_production', 'needs.monitor_staging.outputs.state == \'stable\''));
  expect(found!.story).toEqual([
    'build succeeds', 'environment staging succeeds', 'deploy staging succeeds and deploys nothing, because of a freeze', 'monitor staging succeeds and confirms nothing',
    'rollback staging is skipped', 'environment production succeeds', 'deploy production succeeds',
  ]);
});
