data "coze_workspace" "desk" {
  name = "客服空间"
}

data "coze_app" "shop" {
  workspace = data.coze_workspace.desk.id
  name      = "商城"
}

# Copies take the ids of apps: source = { app = data.coze_app.shop.id }
