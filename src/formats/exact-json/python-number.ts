/**
 * A number as Python prints it: `1e-07`, `1e+16`, `0.1`. A whole number is printed as an integer as long as it is one
 * that a float holds exactly, unless Python has a float there.
 *
 * @param isFloat whether Python has a float here: `5.0`
 */
export function pythonNumber(value: number, isFloat: boolean): string {
  if (Object.is(value, -0)) return '-0.0'
  if (Number.isSafeInteger(value) && !isFloat) return String(value)
  const [digits = '', power = '0'] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent < -4 || exponent >= 16) {
    const magnitude = String(Math.abs(exponent)).padStart(2, '0')
    return `${digits}e${exponent < 0 ? '-' : '+'}${magnitude}`
  }
  return fixed(digits.replace('.', ''), exponent)
}

/** Digits with a sign, and the power of ten of the first one, without an exponent. */
function fixed(signed: string, exponent: number): string {
  const sign = signed.startsWith('-') ? '-' : ''
  const digits = signed.slice(sign.length)
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}
