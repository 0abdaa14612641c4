// Stripe counts most currencies in the minor units of ISO 4217, as we do. Of these it counts other units, or takes only
// multiples of ten: rather than scale amounts here and there, such prices are refused before anything is charged.
// https://docs.stripe.com/currencies#zero-decimal

const OTHERWISE: ReadonlySet<string> = new Set([
  // Charged in hundredths that ISO 4217 does not have.
  "ISK",
  "UGX",
  // Charged in whole units, of which ISO 4217 counts hundredths.
  "MGA",
  // Three decimals, of which the last has to be 0.
  "BHD",
  "IQD",
  "JOD",
  "KWD",
  "LYD",
  "OMR",
  "TND",
]);

export const isCountedAlike = (currency: string): boolean => !OTHERWISE.has(currency);
