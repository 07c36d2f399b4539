/** Every line that the jobs run is one that the runtime understands. */
import { parseArgs } from 'node:util';
import { Alert, Duration, ForkPreviews, HealthCheck, StatusPage, Strategy, Target, Trigger } from '../../src';
import { RUNTIME_LINE } from '../../src/contract/command-line';
import { COMMANDS, optionsOf } from '../../src/runtime/cli';
import { deliver, environment, plainProject, synthesize } from '../test-project';

const secretCheck = HealthCheck.http('https://production.example.com/health', { secretRequestHeaders: { authorization: 'HEALTH_TOKEN' } });
const project = plainProject();
deliver(project, {
  target: Target.commands({ deploy: './ship.sh', promote: './switch.sh', migrate: './migrate.sh' }),
  environments: [
    environment('staging', { strategy: Strategy.blueGreen() }),
    environment('production', { trigger: Trigger.tag('v*'), healthChecks: [secretCheck], monitorEnvironment: 'production-monitor' }),
  ],
  alerts: [Alert.githubIssue()],
  drill: { environments: ['staging'] },
  pullRequests: { plan: true },
  previews: { url: 'https://pr-{number}.example.com', target: Target.commands({ deploy: './ship.sh', remove: './remove.sh' }), fork: ForkPreviews.afterApproval('forks') },
  monitoring: { interval: Duration.minutes(5), heartbeat: 'HEARTBEAT_URL', statusPage: StatusPage.artifact() },
});
const synthesized = synthesize(project);

const LINES = synthesized.workflows.flatMap((name) => Object.values(synthesized.workflow(name).jobs))
  .flatMap(({ steps = [] }) => steps)
  .flatMap(({ run }) => (run?.startsWith(RUNTIME_LINE) ? [run.slice(RUNTIME_LINE.length)] : []));

test('there are lines of most commands', () => {
  expect([...new Set(LINES.map((line) => line.split(' ')[0]))].sort()).toEqual([
    'adopt', 'comment', 'comment-preview', 'deploy', 'drill', 'finish-preview', 'hold', 'monitor', 'notify', 'page', 'plan', 'plan-merge', 'preview', 'remove-preview', 'resolve',
    'rollback', 'run-preview', 'sweep-previews', 'unblock', 'unfreeze', 'watch',
  ]);
});

test.each([...new Set(LINES)])('%s', (line) => {
  const [name, ...args] = line.replace(/\$\{\w+:\+([^}]*)\}/g, '$1').replace(/"(\$\w+[^"]*)"/g, 'word').split(' ');
  const command = COMMANDS.find((one) => one.name === name);
  expect(command).toBeDefined();
  const { positionals } = parseArgs({ args, options: optionsOf(command!), allowPositionals: true, strict: true });
  expect(positionals).toHaveLength(command!.environment === 'required' ? 1 : 0);
});
