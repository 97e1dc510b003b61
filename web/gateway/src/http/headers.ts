/** The headers of every answer, the page's among them: nothing from elsewhere, nothing inline, nowhere framed. The page's benchmark serves under the same. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  // uPlot sets styles through the CSSOM, which style-src does not forbid.
  'content-security-policy':
    "default-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
};
