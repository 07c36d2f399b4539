/** Ways to give our steps a variable that the runtime trusts: by a container, and by a step before them. */
import { github, JsonPatch } from 'projen';
import { saidTo } from './rejected';
import { everything } from './weakened-delivery';
import { plainProject } from '../../../test-project';

function saidOfContainer(container: unknown): string {
  const delivery = everything(plainProject(), { proof: false });
  const { file } = delivery.workflow;
  file!.patch(JsonPatch.add('/jobs/deploy_staging/container', container));
  return saidTo(delivery.project, file!.absolutePath);
}

function saidOfStep(step: github.workflows.JobStep): string {
  const delivery = everything(plainProject(), { proof: false });
  delivery.workflow.insertStepBefore('deploy_staging', 'deploy', { id: 'mine', name: 'mine', ...step });
  return saidTo(delivery.project, delivery.workflow.file!.absolutePath);
}

const TRUSTED = 'only the ledger and the run determine what is deployed';

describe('a container of a job of ours', () => {
  test.each<[string, unknown]>([
    ['env', { image: 'node:22', env: { DELIVERY_LEDGER: 'x' } }],
    ['env of an input', { image: 'node:22', env: { INPUT_REF: 'x' } }],
    ['env that is not known', { image: 'node:22', env: '${{ fromJSON(vars.ENV) }}' }],
    ['-e', { image: 'node:22', options: '--cpus 2 -e DELIVERY_LEDGER=x' }],
    ['-e in one word', { image: 'node:22', options: '-eDELIVERY_LEDGER=x' }],
    ['-e with quotes', { image: 'node:22', options: '-e "DELIVERY_LEDGER=x"' }],
    ['-e of what the host has', { image: 'node:22', options: '-e DELIVERY_LEDGER' }],
    ['--env=', { image: 'node:22', options: '--env=DELIVERY_LEDGER=x' }],
    ['--env', { image: 'node:22', options: '--env\tINPUT_REF=x' }],
    ['--env with quotes within', { image: 'node:22', options: '--e"nv"=\'DELIVERY\'_LEDGER=x' }],
    ['a group of flags', { image: 'node:22', options: '-te DELIVERY_LEDGER=x' }],
    ['a file of them', { image: 'node:22', options: '--env-file .env' }],
    ['what is not known', { image: 'node:22', options: '${{ vars.OPTIONS }}' }],
    ['what is not known within', { image: 'node:22', options: '--cpus 2 ${{vars.OPTIONS}}' }],
    ['a container that is not known', '${{ fromJSON(vars.CONTAINER) }}'],
  ])('%s is refused', (_, container) => {
    expect(saidOfContainer(container)).toContain(TRUSTED);
  });

  test.each<[string, unknown]>([
    ['an image', 'node:22'],
    ['an image that is not known', { image: 'node:${{ vars.NODE }}' }],
    ['other variables', { image: 'node:22', env: { NODE_ENV: 'production', DELIVERY_DEBUG: '1' }, options: '-e TZ=UTC --env=MODE=DELIVERY_LEDGER --name e-DELIVERY_X' }],
    ['other options', { image: 'node:22', options: '--cpus 2 --user=${{ vars.UID }} --hostname "${{ vars.HOST }}" -v ./x:/DELIVERY_X' }],
  ])('%s passes', (_, container) => {
    expect(saidOfContainer(container)).toBe('nothing');
  });
});

describe('a step before ours', () => {
  test.each<[string, github.workflows.JobStep]>([
    ['a line', { run: 'echo "DELIVERY_LEDGER=x" >> "$GITHUB_ENV"' }],
    ['a line in a container\'s words', { run: 'echo "DELIVERY_LEDGER=x" >> "${{ github.env }}"' }],
    ['a here-document', { run: 'cat >> "$GITHUB_ENV" <<EOF\nDELIVERY_LEDGER<<X\nx\nX\nEOF' }],
    ['a delimiter', { run: '{ echo "DELIVERY_LEDGER<<X"; cat ledger; echo X; } >> $GITHUB_ENV' }],
    ['printf', { run: 'printf "%s=%s\\n" DELIVERY_LEDGER x >> $GITHUB_ENV' }],
    ['an input of an action', { run: 'echo INPUT_REF=main >> $GITHUB_ENV' }],
    ['PowerShell', { shell: 'pwsh', run: '"DELIVERY_LEDGER=x" >> $env:GITHUB_ENV' }],
    ['a script', { uses: `actions/github-script@${'a'.repeat(40)}`, with: { script: 'core.exportVariable(\'DELIVERY_LEDGER\', \'x\')' } }],
    ['a script of Python', { shell: 'python', run: 'open(os.environ["GITHUB_ENV"], "a").write("DELIVERY_LEDGER=x")' }],
  ])('%s is refused', (_, step) => {
    expect(saidOfStep(step)).toContain('to the steps behind it, which breaks the guarantee that only the ledger');
  });

  test.each<[string, github.workflows.JobStep]>([
    ['another variable', { run: 'echo "AWS_REGION=eu" >> "$GITHUB_ENV"' }],
    ['a variable of ours that is read', { run: 'echo "VERSION=$DELIVERY_VERSION ${DELIVERY_SHA} ${DELIVERY_URL:-none}" >> $GITHUB_ENV' }],
    ['one that is read in an expression', { run: 'echo "VERSION=${{ env.DELIVERY_VERSION }}" >> $GITHUB_ENV' }],
    ['one that is read in PowerShell', { shell: 'pwsh', run: '"V=$env:DELIVERY_VERSION" >> $env:GITHUB_ENV' }],
    ['a remark', { run: '# DELIVERY_LEDGER=x is not ours\necho "A=b" >> $GITHUB_ENV' }],
    ['more in the log', { run: 'echo DELIVERY_DEBUG=1 >> $GITHUB_ENV' }],
    ['a variable that only resembles one', { run: 'echo MY_DELIVERY_LEDGER=1 >> $GITHUB_ENV' }],
    ['one for the step alone', { run: 'DELIVERY_LEDGER=x ./report.sh' }],
  ])('%s passes', (_, step) => {
    expect(saidOfStep(step)).toBe('nothing');
  });
});
