declare module "virtual:maplibre-worker" {
  const code: string;
  export default code;
}

declare module "*.css";
