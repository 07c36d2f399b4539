import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerError } from '../../../src/runtime/ledger/ledger';
import { committedBlob } from '../../../src/runtime/lock/committed-blob';

const FILE = '.projen/delivery.json';

describe('A file that the repository has', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'delivery-blob-'));
    mkdirSync(join(root, '.projen'));
    writeFileSync(join(root, FILE), '{ "ünï": 1 }\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function git(...args: string[]): string {
    return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false', ...args], { cwd: root, encoding: 'utf8' }).trim();
  }

  it('has the name that git gave it when it was committed, whatever a checkout made of its line ends', () => {
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'one');
    writeFileSync(join(root, FILE), '{ "ünï": 1 }\r\n');
    expect(git('cat-file', '-p', committedBlob(root, FILE))).toBe('{ "ünï": 1 }');
  });

  it('has the name that git would give it, where the commit was downloaded without git', () => {
    expect(committedBlob(root, FILE)).toBe(git('hash-object', FILE));
  });

  it('must be there', () => {
    expect(() => committedBlob(root, '.projen/other.json')).toThrow(LedgerError);
    expect(() => committedBlob(root, '.projen/other.json')).toThrow(/ENOENT.*the lock needs it/);
  });
});
