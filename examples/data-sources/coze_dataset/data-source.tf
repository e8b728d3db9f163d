data "coze_workspace" "desk" {
  name = "客服空间"
}

data "coze_dataset" "policies" {
  workspace = data.coze_workspace.desk.id
  name      = "店铺政策"
}
