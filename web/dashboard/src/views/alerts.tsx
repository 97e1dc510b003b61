export function Alerts({ selectedId }: { selectedId: string }) {
  return <main>{selectedId}</main>;
}
