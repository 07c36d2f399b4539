import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { temporaryFolder } from './test-project';

const ROOT = join(__dirname, '..');

/** What a newcomer wrote last in his `.projenrc.ts`. */
const MISTAKES: Record<string, [line: string, printed: string]> = {
  'a misspelt task': [
    'new Delivery(project, { target: Target.tasks({ deploy: \'shipp\' }), environments: [staging] });',
    'projen-delivery: Target.tasks deploy: there is no task \'shipp\'. Did you mean \'ship\'?',
  ],
  'a URL without a scheme': [
    'new Delivery(project, { target, environments: [{ ...staging, url: \'staging.example.com\' }] });',
    'projen-delivery: environment \'staging\' url: \'staging.example.com\' is not a URL. Write it with its scheme: \'https://staging.example.com\'',
  ],
  'an interval that is text': [
    'HealthCheck.http(\'https://x.example.com\', { interval: \'5\' as never });',
    'projen-delivery: HealthCheck.http(\'https://x.example.com\') interval: \'5\' is not a Duration. Write Duration.seconds(5)',
  ],
  'blue/green without promote': [
    'new Delivery(project, { target, environments: [{ ...staging, strategy: Strategy.blueGreen() }] });',
    'projen-delivery: environment \'staging\' strategy: Strategy.blueGreen() moves traffic with the target\'s promote, and the target has none. '
    + 'Add it: Target.tasks({ deploy: ..., promote: \'switch-traffic\' }), or use Strategy.redeploy()',
  ],
  'two environments on main': [
    'new Delivery(project, { target, environments: [staging, { ...staging, name: \'production\' }] });',
    'projen-delivery: environment \'production\' trigger: a push to the branch \'main\' would deploy to \'staging\' and to \'production\' at once, in no order. '
    + 'Let one follow the other: Trigger.after(\'staging\')',
  ],
  'a freeze in a time zone that there is not': [
    'new Delivery(project, { target, environments: [{ ...staging, freezes: [Freeze.weekly(\'Fri 16:00\', \'Mon 07:00\', { timeZone: \'Europe/Berln\' })] }] });',
    'projen-delivery: Freeze.weekly timeZone: \'Europe/Berln\' is not a time zone. Did you mean \'Europe/Berlin\'?',
  ],
  'a rollback workflow of one\'s own': [
    'new github.GithubWorkflow(github.GitHub.of(project)!, \'rollback\'); new Delivery(project, { target, environments: [staging] });',
    'projen-delivery: Delivery: the project has a workflow \'rollback\' already, whose file .github/workflows/rollback.yml is the delivery\'s. '
    + 'Give the other one another name',
  ],
  'a plain project without GitHub': [
    'new Delivery(new Project({ name: \'plain\' }), { target, environments: [staging] });',
    'projen-delivery: Delivery: the project \'plain\' has no GitHub, for which the jobs are written. '
    + 'Add it before: new github.GitHub(project, { mergify: false, pullRequestLint: false }), with import { github } from \'projen\'',
  ],
  'a second delivery': [
    'new Delivery(project, { target, environments: [staging] }); new Delivery(project, { target, environments: [staging] });',
    'projen-delivery: Delivery: the project \'shop\' has one already. Add environments to it: Delivery.of(project).addEnvironment(...)',
  ],
};

const BEGINNING = `
import { github, Project } from 'projen';
import { Delivery, Freeze, HealthCheck, ReleaseIdentity, Strategy, Target, Trigger } from 'projen-delivery';
const project = new Project({ name: 'shop' });
new github.GitHub(project, { mergify: false, pullRequestLint: false });
project.addTask('ship', { exec: 'true' });
const target = Target.tasks({ deploy: 'ship' });
const healthChecks = [HealthCheck.http('https://staging.example.com/health', { release: ReleaseIdentity.json('version') })];
const staging = { name: 'staging', trigger: Trigger.branch('main'), url: 'https://staging.example.com', healthChecks };
`;

describe('a mistake is the first thing that npx ts-node .projenrc.ts prints', () => {
  it.each(Object.entries(MISTAKES))('%s', async (_, [line, printed]) => {
    const { code, output, folder } = await run(line);
    const lines = output.split('\n');
    expect(lines[0]).toBe(printed);
    expect(lines[1]).toMatch(new RegExp(`^ {4}at ${folder}/\\.projenrc\\.ts:\\d+:\\d+$`));
    expect(output).not.toContain('node_modules');
    expect(output.trim().split('\n').length).toBeLessThan(6);
    expect(code).toBe(1);
  });
});

it('a mistake is the first thing that node .projenrc.js prints', async () => {
  const folder = temporaryFolder();
  link(folder);
  compile(join(folder, 'node_modules', 'projen-delivery'));
  writeFileSync(join(folder, '.projenrc.js'), 'const { HealthCheck } = require(\'projen-delivery\');\nHealthCheck.http(\'staging.example.com\');\n');
  const { output } = await execute(folder, ['.projenrc.js']);
  expect(output.trim().split('\n').slice(0, 2)).toEqual([
    'projen-delivery: HealthCheck.http url: \'staging.example.com\' is not a URL. Write it with its scheme: \'https://staging.example.com\'',
    `    at ${folder}/.projenrc.js:2:13`,
  ]);
});

/** The package as it is installed: JavaScript, with its comments. */
function compile(folder: string): void {
  for (const name of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.startsWith('runtime/')) continue;
    const { outputText } = transpileModule(readFileSync(join(ROOT, 'src', name), 'utf8'), {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true },
    });
    const file = join(folder, 'lib', name.replace(/ts$/, 'js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, outputText);
  }
  writeFileSync(join(folder, 'package.json'), '{ "main": "lib/index.js" }');
}

async function run(line: string): Promise<{ code: number; output: string; folder: string }> {
  const folder = temporaryFolder();
  link(folder);
  // the package as it is in this checkout: no compilation, no installation
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { module: 'commonjs', target: 'es2022', esModuleInterop: true } }));
  writeFileSync(join(folder, '.projenrc.ts'), `${BEGINNING.replace('projen-delivery', join(ROOT, 'src'))}${line}\nproject.synth();\n`);
  const tsNode = join(ROOT, 'node_modules', 'ts-node', 'dist', 'bin.js');
  return { ...await execute(folder, [tsNode, '--transpile-only', '.projenrc.ts']), folder };
}

function link(folder: string): void {
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['projen', 'constructs', '@types', 'typescript']) symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
}

function execute(folder: string, args: string[]): Promise<{ code: number; output: string }> {
  const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: folder, PROJEN_DISABLE_POST: 'true' } };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}
