export function PortView({ code }: { code: string }) {
  return <main>{code}</main>;
}
