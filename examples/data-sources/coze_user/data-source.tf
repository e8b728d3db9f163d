data "coze_workspace" "desk" {
  name = "客服空间"
}

data "coze_user" "lead" {
  in   = data.coze_workspace.desk.id
  name = "小李"
}

# Members take the ids of users: user_id = data.coze_user.lead.id
