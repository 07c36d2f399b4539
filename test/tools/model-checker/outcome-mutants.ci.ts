/** Each condition of ours, a little wrong: a rule notices, or it is written here why nothing can. A landing takes a share of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { examples, joinedChain, joinedDeliveries, smallDeliveries } from '../../../tools/model-checker/outcomes/deliveries';
import { Mutant, mutantsOf, noticed, testBedsOf } from '../../../tools/model-checker/outcomes/mutants';
import { sayTaken, taken } from '../../../tools/model-checker/share';

const ALL_SUCCEEDED = 'without a status function success() is meant; all it waits for, near and far, must have succeeded anyway';
const PUBLISHER_CHECKS = 'redundant: projen\'s release_github, which must have succeeded, checks the same';
const TAGGER_CHECKS = 'redundant: projen\'s release_github, which must have succeeded, waits for every publisher of projen\'s';
const PLAN_CHECKS = 'redundant: the plan waits for the same job, and is made again whenever that is run again';
const CONFIRMATION_CHECKS = 'redundant: the confirmation reports as stable only what the ledger calls verified, however the deploy job ended';

const ofJob = (job: string, mutations: Record<string, string>) => (
  Object.fromEntries(Object.entries(mutations).map(([title, reason]) => [`${job}: ${title}`, reason])));

/** Mutations that change nothing, and why. */
const EQUIVALENT: Record<string, string> = {
  'deploy.yml rollback_X: needs.monitor_X.result != \'skipped\' instead of needs.deploy_X.result != \'skipped\'':
    'the confirmation is skipped exactly when the deploy job is',
  'rollback.yml recover: needs.monitor.result != \'skipped\' instead of needs.rollback.result != \'skipped\'':
    'the confirmation is skipped exactly when the rollback is',
  'drill.yml recover: needs.monitor.result != \'skipped\' instead of needs.drill.result != \'skipped\'':
    'the confirmation is skipped exactly when the drill is',
  'rollback.yml rollback: without !cancelled()':
    'without a status function success() is meant; the hold is all it waits for, and must have succeeded anyway',
  'rollback.yml rollback: success() instead of !cancelled()':
    'the hold is all it waits for, and must have succeeded anyway',
  'deploy.yml deploy_X: without needs.deploy_W.result == \'success\'':
    CONFIRMATION_CHECKS,
  'deploy.yml deploy_X: needs.monitor_W.result == \'success\' instead of needs.deploy_W.result == \'success\'':
    'as without it',
  'deploy.yml deploy_X: needs.build.result == \'success\' instead of needs.deploy_W.result == \'success\'':
    'as without it',
  'deploy.yml deploy_X: needs.environment_X.result == \'success\' instead of needs.deploy_W.result == \'success\'':
    'as without it',
  'deploy.yml deploy_X: needs.deploy_W.result == \'success\' instead of needs.build.result == \'success\'':
    'the deploy job before needs the same build, and is run again whenever it is',
  'deploy.yml deploy_X: needs.monitor_W.result == \'success\' instead of needs.build.result == \'success\'':
    'the deploy job before, which must have succeeded, needs the same build',
  ...ofJob('build.yml deploy_X', {
    'without !cancelled()': ALL_SUCCEEDED,
    'success() instead of !cancelled()': ALL_SUCCEEDED,
  }),
  ...ofJob('release.yml delivery_release', {
    'without !cancelled()': ALL_SUCCEEDED,
    'success() instead of !cancelled()': ALL_SUCCEEDED,
    'without needs.release.result == \'success\'': PUBLISHER_CHECKS,
    'needs.release_github.result == \'success\' instead of needs.release.result == \'success\'': PUBLISHER_CHECKS,
    'without needs.release.outputs.tag_exists != \'true\'': PUBLISHER_CHECKS,
    'needs.release.outputs.tag_exists != \'\' instead of needs.release.outputs.tag_exists != \'true\'': PUBLISHER_CHECKS,
    'needs.release_github.outputs.tag_exists != \'true\' instead of needs.release.outputs.tag_exists != \'true\'': PUBLISHER_CHECKS,
    'without needs.release.outputs.latest_commit == github.sha': PUBLISHER_CHECKS,
  }),
  ...ofJob('release.yml environment_X', {
    'without !github.event.repository.fork': 'the job that takes the release checks the same',
    'without needs.delivery_release.result == \'success\'': ALL_SUCCEEDED,
    '|| instead': ALL_SUCCEEDED,
  }),
  ...ofJob('release.yml deploy_X', {
    'without !cancelled()': ALL_SUCCEEDED,
    'success() instead of !cancelled()': ALL_SUCCEEDED,
    'without needs.delivery_release.result == \'success\'': PLAN_CHECKS,
    'needs.environment_X.result == \'success\' instead of needs.delivery_release.result == \'success\'': PLAN_CHECKS,
    'needs.deploy_W.result == \'success\' instead of needs.delivery_release.result == \'success\'': PLAN_CHECKS,
    'needs.monitor_W.result == \'success\' instead of needs.delivery_release.result == \'success\'': PLAN_CHECKS,
    'needs.release_npm.result == \'success\' instead of needs.delivery_release.result == \'success\'': PLAN_CHECKS,
    'without needs.release_npm.result == \'success\'': TAGGER_CHECKS,
    'needs.delivery_release.result == \'success\' instead of needs.release_npm.result == \'success\'': TAGGER_CHECKS,
    'needs.environment_X.result == \'success\' instead of needs.release_npm.result == \'success\'': TAGGER_CHECKS,
    'needs.deploy_W.result == \'success\' instead of needs.release_npm.result == \'success\'': TAGGER_CHECKS,
    'needs.monitor_W.result == \'success\' instead of needs.release_npm.result == \'success\'': TAGGER_CHECKS,
    'needs.release_npm.result == \'success\' instead of needs.deploy_W.result == \'success\'': CONFIRMATION_CHECKS,
    'without needs.deploy_W.result == \'success\'': CONFIRMATION_CHECKS,
    'needs.delivery_release.result == \'success\' instead of needs.deploy_W.result == \'success\'': CONFIRMATION_CHECKS,
    'needs.environment_X.result == \'success\' instead of needs.deploy_W.result == \'success\'': CONFIRMATION_CHECKS,
    'needs.monitor_W.result == \'success\' instead of needs.deploy_W.result == \'success\'': CONFIRMATION_CHECKS,
  }),
};

const beds = [...smallDeliveries(), ...joinedDeliveries(), joinedChain('release')].flatMap((delivery) => testBedsOf(delivery, { attempts: 2 }));
const all = beds.flatMap(mutantsOf);
const names = [...new Set(all.map(({ name }) => name))];
const some = new Set(taken(names));
const results = outcomesOf(all.filter(({ name }) => some.has(name)));

afterAll(() => {
  const unnoticed = (name: string) => (EQUIVALENT[name] === undefined ? 'NOT NOTICED' : `equivalent: ${EQUIVALENT[name]}`);
  const lines = [...results].map(([name, rule]) => `${name}\n    ${rule ?? unnoticed(name)}`);
  const caught = [...results.values()].filter((rule) => rule !== undefined).length;
  process.stdout.write(`\n${lines.join('\n')}\n${sayTaken(results.size, names.length)} mutations: ${caught} noticed, ${results.size - caught} equivalent or not noticed\n`);
});

it('every mutation is noticed, but for those that change nothing', () => {
  const survivors = [...results].filter(([, rule]) => rule === undefined).map(([name]) => name);
  expect(survivors.sort()).toEqual(Object.keys(EQUIVALENT).filter((name) => some.has(name) || !names.includes(name)).sort());
});

it('every condition of the examples is one of those that were mutated', async () => {
  const root = mkdtempSync(join(tmpdir(), 'mutants-'));
  try {
    const others = (await examples(root)).flatMap((delivery) => testBedsOf(delivery, { attempts: 1 })).flatMap(mutantsOf);
    expect(others.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

/** The same mutation may stand in many workflows: it is enough that it is noticed in one. */
function outcomesOf(mutants: Mutant[]): Map<string, string | undefined> {
  const rules = new Map<string, string | undefined>();
  for (const mutant of mutants) {
    if (rules.get(mutant.name) === undefined) rules.set(mutant.name, noticed(mutant));
  }
  return rules;
}
