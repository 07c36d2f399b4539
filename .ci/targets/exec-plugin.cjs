// An exec plugin, as EKS, GKE, AKS and single sign-on have them: the kubeconfig names a program, kubectl runs it for each call, and it prints a token.
const { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** What kubectl shows if the plugin is not on the machine. */
const INSTALL_HINT = 'Install shop-login: see the handbook';

class ExecPlugin {
  /**
   * @param folder where it is installed
   * @param isInPath whether the kubeconfig names it without its path
   */
  constructor(folder, isInPath = false) {
    mkdirSync(folder);
    this.command = isInPath ? 'shop-login' : join(folder, 'shop-login');
    this.path = join(folder, 'shop-login');
    this.calls = join(folder, 'calls');
  }

  /** It reads the token of a session from the file that a variable of the job names. */
  install() {
    writeFileSync(this.path, `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" >> '${this.calls}'
[ -s "$SHOP_SESSION" ] || { echo 'shop-login: the session is over, please sign in' >&2; exit 1; }
printf '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "%s"}}' "$(cat "$SHOP_SESSION")"
`);
    chmodSync(this.path, 0o755);
  }

  remove() {
    rmSync(this.path);
  }

  /** How often it was called. */
  get count() {
    return existsSync(this.calls) ? readFileSync(this.calls, 'utf8').trim().split('\n').length : 0;
  }

  /** The user of a kubeconfig. No secret is in it. */
  get user() {
    return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: this.command, interactiveMode: 'Never', installHint: INSTALL_HINT, provideClusterInfo: false } };
  }
}

module.exports = { ExecPlugin };
