interface Pin {
  readonly version: string;
  readonly sha: string;
}

/** The actions that the delivery and projen use, each pinned to a commit, because a tag can be moved. */
const PINS: Record<string, Pin> = {
  'actions/checkout': { version: 'v7.0.1', sha: '3d3c42e5aac5ba805825da76410c181273ba90b1' },
  'actions/download-artifact': { version: 'v8.0.1', sha: '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c' },
  'actions/setup-dotnet': { version: 'v6.0.0', sha: 'a98b56852c35b8e3190ac28c8c2271da59106c68' },
  'actions/setup-go': { version: 'v7.0.0', sha: 'b7ad1dad31e06c5925ef5d2fc7ad053ef454303e' },
  'actions/setup-java': { version: 'v5.7.0', sha: 'b6effb05e454b25005698d916606bdc6ffcbf961' },
  'actions/setup-node': { version: 'v7.0.0', sha: '820762786026740c76f36085b0efc47a31fe5020' },
  'actions/setup-python': { version: 'v7.0.0', sha: '5fda3b95a4ea91299a34e894583c3862153e4b97' },
  'actions/upload-artifact': { version: 'v7.0.1', sha: '043fb46d1a93c77aae656e7c1c64a875d1fc6a0a' },
  'aws-actions/configure-aws-credentials': { version: 'v6.2.3', sha: 'e6de054238d6b7531b4efff3b6587d9aade6a06c' },
  'oven-sh/setup-bun': { version: 'v2.2.0', sha: '0c5077e51419868618aeaa5fe8019c62421857d6' },
  'pnpm/action-setup': { version: 'v6.0.10', sha: '0977fd99725f1db4007ccb2928dbb4e90d06cc86' },
};

export function pinned(action: string): string {
  return `${action}@${PINS[action].sha}`;
}

/** The versions of the pinned commits, by the value of `uses`. */
const VERSIONS = new Map(Object.entries(PINS).map(([action, { version, sha }]) => [`${action}@${sha}`, version]));

export function versionOf(uses: string): string | undefined {
  return VERSIONS.get(uses);
}

/** Pins a known action of the same major version. projen's own steps are pinned with any version, because their inputs are known. */
export function pin(uses: string, projens: boolean): string {
  const [action, ref] = uses.split('@');
  const known = PINS[action];
  if (isPinned(uses) || known === undefined || ref === undefined) return uses;
  return projens || ref === known.version || ref === known.version.split('.')[0] ? pinned(action) : uses;
}

/** Returns whether `uses` is a commit, a digest or a path in the repository, and not a tag that can be moved. */
export function isPinned(uses: string): boolean {
  return /@[0-9a-f]{40}$/.test(uses) || /@sha256:[0-9a-f]{64}$/.test(uses) || uses.startsWith('./');
}
