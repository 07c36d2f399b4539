// The scenarios of .ci/targets/aws-cdk with changeSet: review: the jobs of a run of CI, one process each, with the real CDK CLI.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { seconds } = require('./scenarios.cjs');

/** @param world the shop of aws-cdk-scenarios.cjs: its releases, its users, and the stacks that someone else deploys */
module.exports = ({ changeSets, deployByHand, release, served, shop, status, statusOf, withSettings }) => {
  const { root } = shop;
  const outputs = join(root, '..', 'outputs');

  /** What the job `build` does: it packs the assembly, and later jobs find it. */
  function build(version) {
    release(version, 'good');
    const folder = join(root, '.git/delivery/artifacts');
    mkdirSync(folder, { recursive: true });
    const packed = join(folder, 'packed');
    execFileSync('tar', ['-c', '-f', packed, '-C', root, 'cdk.out']);
    const digest = createHash('sha256').update(readFileSync(packed)).digest('hex');
    renameSync(packed, join(folder, `${digest}.tar`));
    return { digest, id: Date.now(), version };
  }

  /** One job of the run. GitHub is not there, so the ledger is a file. */
  async function job({ digest, id, version }, args, env = {}, attempt = 1) {
    for (const file of [outputs, `${outputs}.summary`]) writeFileSync(file, '');
    const ran = await shop.delivery([...args, 'production'], undefined, {
      GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: String(id), GITHUB_RUN_ATTEMPT: String(attempt), GITHUB_SHA: shop.git('rev-parse', `${version}^{commit}`).trim(), GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: version,
      GITHUB_REPOSITORY: 'acme/shop', GITHUB_TOKEN: 'none', GITHUB_API_URL: 'http://127.0.0.1:9', GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: `${outputs}.summary`, DELIVERY_ARTIFACT_DIGEST: digest, ...env,
    });
    const [, , review] = /^review<<(\S+)\n([\s\S]*?)\n\1$/m.exec(readFileSync(outputs, 'utf8')) ?? [];
    // the page shows no mark as it is
    const page = readFileSync(`${outputs}.summary`, 'utf8').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
    return { ...ran, page, review };
  }

  const deploy = (run, { review = '' }, attempt) => job(run, ['deploy'], { DELIVERY_REVIEW: review }, attempt);
  const confirm = (run) => job(run, ['monitor'], { DELIVERY_DEPLOYED: 'success', DELIVERY_STATE: 'confirming' });

  /** The plan prepares; nothing changes before the approval. */
  async function planned(scenario, version, stable) {
    const run = build(version);
    const plan = await job(run, ['plan']);
    const [{ Status: status_, ExecutionStatus: execution } = {}] = changeSets('shop-api').filter(({ ChangeSetName: name }) => name.startsWith(`delivery-production-${run.id}-1-`));
    shop.expectEnd(scenario, plan, { code: plan.code, served: await served(), changeSet: `${status_} ${execution}`, shown: /AWS::Lambda::Function .*shop-api: Api\/shop/.test(plan.page) },
      { code: 0, served: stable, changeSet: 'CREATE_COMPLETE AVAILABLE', shown: true });
    return { plan, run };
  }

  async function executed(version, stable) {
    const scenario = 'review: executes what was approved';
    const { plan, run } = await planned(scenario, version, stable);
    const ran = await deploy(run, plan);
    shop.expectEnd(scenario, ran, { code: ran.code, served: await served(), reviewed: /by the change sets that were reviewed/.test(ran.output), ofCdk: /creating CloudFormation changeset/.test(ran.output) },
      { code: 0, served: version, reviewed: true, ofCdk: false });
    const confirmed = await confirm(run);
    shop.expectEnd(scenario, confirmed, { stable: (await status()).stable }, { stable: version });
    shop.row(`${scenario} (${version})`, `${version} stable, planned in ${seconds(plan.ended - plan.begun)} s, deployed in ${seconds(ran.ended - ran.begun)} s`);
  }

  async function moved(version, stable) {
    const scenario = 'review: the stack moved in between';
    const { plan, run } = await planned(scenario, version, stable);
    deployByHand();
    const ran = await deploy(run, plan);
    const refused = /shop-api (has changed since the plan|that was reviewed is gone)/.test(ran.output) && /Start a new run to deploy/.test(ran.output) && /Nothing was changed/.test(ran.output);
    shop.expectEnd(scenario, ran, { code: ran.code, served: await served(), refused, stable: (await status()).stable }, { code: 2, served: 'by-hand', refused: true, stable });
    shop.row(`${scenario} (${version})`, 'refused, nothing changed');
    // what the message says: all jobs again
    const again = await job(run, ['plan'], {}, 2);
    const second = await deploy(run, again, 2);
    await confirm(run);
    shop.expectEnd(`${scenario}, planned again`, second, { code: second.code, served: await served(), stack: statusOf('shop-api') }, { code: 0, served: version, stack: 'UPDATE_COMPLETE' });
    shop.row(`${scenario}, planned again`, `${version} stable`);
  }

  return (first, second, stable) => withSettings({ changeSet: 'review' }, async () => {
    await executed(first, stable);
    await moved(second, first);
  });
};
