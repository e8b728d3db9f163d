data "coze_workspace" "desk" {
  name = "客服空间"
}

resource "coze_workspace_member" "desk" {
  for_each = {
    "1000000000000101" = "admin"  # 客服主管
    "1000000000000102" = "member" # 售后专员
  }

  workspace = data.coze_workspace.desk.id
  user_id   = each.key
  role      = each.value
}
