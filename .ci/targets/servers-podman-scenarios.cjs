// The essential scenarios of .ci/targets/servers with Podman in place of Docker on each host. The account may use it: it is the one of root.
//   servers-podman-scenarios.cjs RUN
const { ContainersShop } = require('./containers-shop.cjs');

class PodmanShop extends ContainersShop {
  engine = 'podman';
  user = 'engine';

  engineOn(host, ...args) {
    return this.onHost(host, `podman ${args.map((arg) => `'${arg}'`).join(' ')}`, this.user).trim();
  }
}

const shop = new PodmanShop('servers with Podman', process.argv[2], 'podman');

void shop.run(async () => {
  const stop = await shop.begin('v1');
  try {
    await shop.good('v2');
    if (shop.measured) {
      for (const version of shop.measured) await shop.bad(version, 'v2');
      return shop.keep('servers with Podman');
    }
    await shop.bad('v3', 'v2');
    await shop.killed('v4', 'v2');
  } finally {
    stop();
  }
}, 'real sshd, Podman, registry and HAProxy on network namespaces of one machine');
