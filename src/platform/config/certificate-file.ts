import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g;

/**
 * What is wrong with a file of certificates (PEM), as the end of a sentence such as "SOURCE_CA_FILE …"; undefined if it
 * can be used. Node.js itself takes a file without certificates and trusts no one more.
 */
export function certificateFault(path: string): string | undefined {
  let text: string;
  try {
    // Reading a pipe would wait for its other end.
    if (!statSync(path).isFile()) return 'must name a file with certificates (PEM), and names something else';
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return `must name a file with certificates (PEM) that the service can read (${code})`;
  }
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) return 'must name a file with certificates (PEM); this one has none';
  return certificates.every(isReadable) ? undefined : 'names a file with a certificate that cannot be read';
}

function isReadable(certificate: string): boolean {
  try {
    void new X509Certificate(certificate);
    return true;
  } catch {
    return false;
  }
}
