'use strict';

/** Builds dist/ from service/ and the commit: what is deployed, byte for byte, wherever it goes. */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { task } = require('../machine/machine');

task(async () => {
  const sha = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  fs.rmSync('dist', { recursive: true, force: true });
  fs.cpSync('service', 'dist', { recursive: true });
  fs.writeFileSync('dist/release.json', `${JSON.stringify({ sha })}\n`);
  console.log(`dist/ holds ${sha}`);
});
